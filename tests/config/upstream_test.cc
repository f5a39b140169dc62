// How the upstream is spoken to: its certificate, and the version of HTTP.
#include <curl/curl.h>

#include <string>

#include "config_fixture.h"
#include "gmock/gmock.h"
#include "support/self_signed.h"

namespace holysheep::config {
namespace {

class UpstreamTest : public ConfigTest {
 protected:
  const SelfSigned mine_{"IP:127.0.0.1"};
};

TEST_F(UpstreamTest, TakesTheAuthoritiesOfAFile) {
  const std::string ca = WriteFile("ca.pem", mine_.certificate);
  const absl::StatusOr<Config> config = Load("upstream: {ca_file: " + ca + "}");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->connections.ca_file, ca);
}

TEST_F(UpstreamTest, AFileWithoutCertificatesIsTold) {
  const auto problem = [this](const std::string& path) {
    return Problem("upstream:\n  ca_file: " + path + "\n");
  };
  EXPECT_EQ(problem(folder_), "c.yaml:2: upstream.ca_file: is a directory");
  EXPECT_EQ(problem(WriteFile("empty.pem", "")),
            "c.yaml:2: upstream.ca_file: the file is empty");
  EXPECT_THAT(problem(WriteFile("key.pem", mine_.key)),
              testing::HasSubstr("c.yaml:2: upstream.ca_file: has no PEM "
                                 "certificate"));
}

TEST_F(UpstreamTest, Http2WithoutTlsIsRefusedWhereLibcurlCannot) {
  const bool can = curl_version_info(CURLVERSION_NOW)->version_num >= 0x080e00;
  for (const char* url : {"http://127.0.0.1:1/v1", "HTTP://h"}) {
    const std::string problem =
        Problem(absl::StrCat("upstream:\n  base_url: ", url,
                             "\n  http_version: 2\n  transport: curl\n"));
    EXPECT_EQ(problem.empty(), can);
    if (can) continue;
    EXPECT_THAT(problem, testing::StartsWith("c.yaml:3: upstream.http_version: "
                                             "2 without TLS needs libcurl"));
    EXPECT_THAT(problem, testing::HasSubstr("use an https URL"));
  }
  EXPECT_EQ(Problem("upstream: {http_version: 2}"), "");
  EXPECT_EQ(Problem("upstream: {base_url: \"http://h\", http_version: 2}"), "");
  EXPECT_EQ(Problem("upstream: {base_url: \"http://127.0.0.1:1\"}"), "");
}

TEST_F(UpstreamTest, TakesHeadersAndAQueryOfTheUsersChoice) {
  const std::string secret = WriteFile("secret", "s3cret-of-a-gateway\n");
  const absl::StatusOr<Config> config = Load(
      "upstream:\n  headers:\n    OpenAI-Organization: org-1\n"
      "    x-gateway: {file: " +
      secret + "}\n  query: {api-version: \"2024-10-21\", a: b c}\n");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_THAT(
      config->upstream.headers,
      testing::ElementsAre(testing::Pair("openai-organization", "org-1"),
                           testing::Pair("x-gateway", "s3cret-of-a-gateway")));
  EXPECT_THAT(config->upstream.secrets,
              testing::ElementsAre("s3cret-of-a-gateway"));
  EXPECT_EQ(config->upstream.query, "api-version=2024-10-21&a=b%20c");
}

TEST_F(UpstreamTest, BadHeadersAreReportedWithTheirLine) {
  const auto problem = [this](const std::string& header) {
    return Problem("upstream:\n  headers:\n    " + header + "\n");
  };
  EXPECT_THAT(problem("Host: a"),
              testing::StartsWith("c.yaml:3: upstream.headers.Host: must be "
                                  "the name of a header"));
  EXPECT_EQ(problem("Authorization: Bearer a"),
            "c.yaml:3: upstream.headers.Authorization: holds the key, which "
            "upstream.api_key_file is for");
  EXPECT_EQ(problem("x-a: \"\\u00e4\""),
            "c.yaml:3: upstream.headers.x-a: must be at most 8192 bytes of "
            "printable ASCII");
  EXPECT_THAT(problem("x-a: {file: /does/not/exist}"),
              testing::StartsWith("c.yaml:3: upstream.headers.x-a.file: "));
  EXPECT_THAT(problem("x-a: {path: b}"), testing::HasSubstr("unknown key"));
  EXPECT_THAT(problem("x-a: {}"), testing::HasSubstr("is required"));
}

TEST_F(UpstreamTest, TheNativeTransportSpeaksToNoProxy) {
  EXPECT_EQ(Load("{}")->transport, TransportKind::kAuto);
  EXPECT_EQ(Problem("upstream:\n  proxy: http://p:1\n  transport: native\n"),
            "c.yaml:3: upstream.transport: native does not speak to proxies: "
            "say auto or curl, or leave upstream.proxy empty");
  EXPECT_EQ(Problem("upstream: {proxy: \"http://p:1\", transport: curl}"), "");
}

TEST_F(UpstreamTest, FewerConnectionsThanCallsAreWarnedOf) {
  const auto warnings = [this](const std::string& connections,
                               const std::string& calls) {
    return Load("upstream: {max_connections: " + connections +
                "}\nlimits: {max_concurrent: " + calls + "}\n")
        ->warnings;
  };
  EXPECT_THAT(warnings("19", "20"),
              testing::ElementsAre(testing::HasSubstr(
                  "upstream.max_connections: 19 is less than "
                  "limits.max_concurrent, 20: calls that have a slot")));
  EXPECT_THAT(warnings("19", "0"),
              testing::ElementsAre(testing::HasSubstr("unlimited")));
  EXPECT_THAT(warnings("20", "20"), testing::IsEmpty());
  EXPECT_THAT(warnings("0", "0"), testing::IsEmpty());
}

}  // namespace
}  // namespace holysheep::config
