#include "config/address.h"

#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace holysheep::config {
namespace {

TEST(ListenAddressTest, ReadsEveryFormThatGrpcTakes) {
  struct Case {
    std::string text;
    std::string host;
    int port;
    bool local;
  };
  const std::vector<Case> cases = {
      {"127.0.0.1:50051", "127.0.0.1", 50051, true},
      {"127.8.9.1:1", "127.8.9.1", 1, true},
      {"0.0.0.0:0", "0.0.0.0", 0, false},
      {"[::1]:65535", "::1", 65535, true},
      {"[::]:50051", "::", 50051, false},
      {"[::ffff:127.0.0.1]:80", "::ffff:127.0.0.1", 80, true},
      {"[::ffff:10.0.0.1]:80", "::ffff:10.0.0.1", 80, false},
      {"localhost:80", "localhost", 80, true},
      {"LOCALHOST:80", "LOCALHOST", 80, true},
      {"localhost.evil.example:80", "localhost.evil.example", 80, false},
      {"127.0.0.1.example:80", "127.0.0.1.example", 80, false},
      {"node_1.internal:80", "node_1.internal", 80, false},
      {"unix:/run/holysheep.sock", "", 0, true},
  };
  for (const Case& c : cases) {
    const absl::StatusOr<ListenAddress> address = ParseListenAddress(c.text);
    ASSERT_TRUE(address.ok()) << c.text;
    EXPECT_EQ(address->text, c.text);
    EXPECT_EQ(address->host, c.host);
    EXPECT_EQ(address->port, c.port);
    EXPECT_EQ(IsLocal(*address), c.local) << c.text;
  }
}

TEST(ListenAddressTest, IsWrittenAsAClientDialsIt) {
  const std::pair<std::string, std::string> cases[] = {
      {"127.0.0.1:0", "127.0.0.1:4711"},
      {"[::1]:0", "[::1]:4711"},
      {"localhost:80", "localhost:4711"},
      {"unix:/run/a:b.sock", "unix:/run/a:b.sock"},
  };
  for (const auto& [text, written] : cases) {
    EXPECT_EQ(WithPort(*ParseListenAddress(text), 4711), written);
  }
}

TEST(ListenAddressTest, RefusesEverythingElse) {
  const std::vector<std::string> cases = {
      "",
      "50051",
      ":50051",
      "127.0.0.1",
      "1.2.3:80",
      "256.1.1.1:80",
      "::1:80",
      "[::1]",
      "[1.2.3.4]:80",
      "[::1:80",
      "a b:80",
      "host:",
      "host:-1",
      "host:65536",
      "host:080000",
      "host:0x50",
      "host:80 ",
      "-host:80",
      "host..name:80",
      "*:80",
      "unix:",
      "unix:sock",
      "unix:/" + std::string(200, 'x'),
  };
  for (const std::string& text : cases) {
    EXPECT_FALSE(ParseListenAddress(text).ok()) << text;
  }
  EXPECT_FALSE(ParseListenAddress({"127.0.0.1\0:80", 13}).ok());
  EXPECT_FALSE(ParseListenAddress({"unix:/a\0b", 9}).ok());
}

TEST(BaseUrlTest, DropsTheSlashesAtItsEnd) {
  EXPECT_EQ(ParseBaseUrl("https://api.holysheep.ai/v1").value(),
            "https://api.holysheep.ai/v1");
  EXPECT_EQ(ParseBaseUrl("https://api.holysheep.ai/v1//").value(),
            "https://api.holysheep.ai/v1");
  EXPECT_EQ(ParseBaseUrl("http://127.0.0.1:8080").value(),
            "http://127.0.0.1:8080");
  EXPECT_EQ(ParseBaseUrl("http://[::1]:8080/").value(), "http://[::1]:8080");
}

TEST(BaseUrlTest, RefusesWhatIsNoPlainHttpUrl) {
  const std::vector<std::string> cases = {
      "",
      "api.holysheep.ai/v1",
      "ftp://api.holysheep.ai",
      "file:///etc/passwd",
      "https://",
      "https://user@api.holysheep.ai",
      "https://user:password@api.holysheep.ai",
      "https://:password@api.holysheep.ai",
      "https://api.holysheep.ai/v1?a=b",
      "https://api.holysheep.ai/v1?",
      "https://api.holysheep.ai/v1#a",
      "https://api.holysheep.ai:99999/v1",
      "https://api holysheep.ai",
      "https://api.holysheep.ai/v1\r\nx: y",
      " https://api.holysheep.ai",
  };
  for (const std::string& text : cases) {
    EXPECT_FALSE(ParseBaseUrl(text).ok()) << text;
  }
  EXPECT_FALSE(ParseBaseUrl({"https://a\0b", 11}).ok());
}

TEST(BaseUrlTest, RefusesAPathThatTheServiceAppendsAndNamesTheRest) {
  const auto problem = [](absl::string_view text) {
    return std::string(ParseBaseUrl(text).status().message());
  };
  EXPECT_EQ(problem("https://h/v1/chat/completions"),
            "must not end in /chat/completions, which the service appends: say "
            "https://h/v1");
  EXPECT_EQ(problem("https://h/v1/models/"),
            "must not end in /models, which the service appends: say "
            "https://h/v1");
}

TEST(PercentTest, EncodesAllButUnreservedCharacters) {
  EXPECT_EQ(PercentEncoded("2024-10-21_a.b~c"), "2024-10-21_a.b~c");
  EXPECT_EQ(PercentEncoded("a b&c=d/\u00e4"), "a%20b%26c%3Dd%2F%C3%A4");
}

TEST(BaseUrlTest, OnlyPlainHttpToAnotherMachineIsExposed) {
  EXPECT_FALSE(IsExposed("https://api.holysheep.ai/v1"));
  EXPECT_FALSE(IsExposed("http://127.0.0.1:8080"));
  EXPECT_FALSE(IsExposed("http://[::1]:8080"));
  EXPECT_FALSE(IsExposed("http://localhost/v1"));
  EXPECT_TRUE(IsExposed("http://simulator:8080/v1"));
}

TEST(ProxyUrlTest, NeedsAKnownScheme) {
  EXPECT_TRUE(ParseProxyUrl("http://proxy:3128").ok());
  EXPECT_TRUE(ParseProxyUrl("socks5h://user:password@proxy:1080").ok());
  EXPECT_FALSE(ParseProxyUrl("proxy:3128").ok());
  EXPECT_FALSE(ParseProxyUrl("ftp://proxy").ok());
  EXPECT_FALSE(ParseProxyUrl("http://").ok());
}

}  // namespace
}  // namespace holysheep::config
