// Where the service's own key comes from.
#include <filesystem>
#include <string>
#include <vector>

#include "config_fixture.h"
#include "gmock/gmock.h"

namespace holysheep::config {
namespace {

constexpr char kOtherKey[] = "sk-other-0123456789abcdef";

class ConfiguredKeyTest : public ConfigTest {
 protected:
  ConfiguredKeyTest() { environment_.clear(); }

  std::string FileSetting(const std::string& path) {
    return "upstream: {api_key_file: \"" + path + "\"}\n";
  }
};

TEST_F(ConfiguredKeyTest, TheVariableBeatsBothFiles) {
  environment_["HOLYSHEEP_API_KEY"] = kTestKey;
  environment_["HOLYSHEEP_API_KEY_FILE"] = folder_ + "/none";
  EXPECT_EQ(Load(FileSetting("/none"))->upstream.api_key, kTestKey);
}

TEST_F(ConfiguredKeyTest, TheFileOfTheVariableBeatsThatOfTheFile) {
  environment_["HOLYSHEEP_API_KEY_FILE"] = WriteFile("key", kOtherKey);
  EXPECT_EQ(Load(FileSetting("/none"))->upstream.api_key, kOtherKey);
}

TEST_F(ConfiguredKeyTest, LosesTheLastLineEndOfItsFile) {
  for (const char* end : {"", "\n", "\r\n"}) {
    const std::string path = WriteFile("key", std::string(kOtherKey) + end);
    const absl::StatusOr<Config> config = Load(FileSetting(path));
    ASSERT_TRUE(config.ok()) << config.status();
    EXPECT_EQ(config->upstream.api_key, kOtherKey);
    EXPECT_TRUE(config->warnings.empty());
  }
}

TEST_F(ConfiguredKeyTest, WarnsOfAFileThatEveryUserMayRead) {
  const std::string path = WriteFile("key", kOtherKey);
  std::filesystem::permissions(path, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  EXPECT_THAT(Load(FileSetting(path))->warnings,
              testing::ElementsAre("upstream.api_key_file: every user of this "
                                   "machine can read the file"));
}

TEST_F(ConfiguredKeyTest, AMissingKeyIsRefusedWithWhereItCanBeSet) {
  const std::string advice =
      "set HOLYSHEEP_API_KEY, HOLYSHEEP_API_KEY_FILE or upstream.api_key_file";
  EXPECT_EQ(Message(LoadWithoutFile()), "upstream: no API key: " + advice);
  EXPECT_EQ(Problem(FileSetting("")), "upstream: no API key: " + advice);
  environment_["HOLYSHEEP_API_KEY"] = "";
  EXPECT_EQ(Message(LoadWithoutFile()),
            "HOLYSHEEP_API_KEY: the key is empty: " + advice);
}

TEST_F(ConfiguredKeyTest, ALoopbackUpstreamNeedsOneToo) {
  environment_["HOLYSHEEP_BASE_URL"] = "http://127.0.0.1:8080/v1";
  EXPECT_FALSE(LoadWithoutFile().ok());
}

TEST_F(ConfiguredKeyTest, ABadFileGivesOneClearLine) {
  struct Case {
    std::string path;
    std::string reason;
  };
  const std::string key = kOtherKey;
  const std::vector<Case> cases = {
      {folder_ + "/none", "no such file"},
      {folder_, "is a directory"},
      {"/proc/self/mem", "cannot be read: Input/output error"},
      {WriteFile("empty", ""), "the key is empty"},
      {WriteFile("line", "\n"), "the key is empty"},
      {WriteFile("short", "sk-short\n"),
       "the key is shorter than 20 characters"},
      {WriteFile("two", key + "\n\n"),
       "the key has a blank or a line end at its start or end"},
      {WriteFile("large", std::string(70000, 'x')),
       "is larger than 65536 bytes"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Problem("# keys\n" + FileSetting(c.path)),
              "c.yaml:2: upstream.api_key_file: " + c.reason);
    environment_["HOLYSHEEP_API_KEY_FILE"] = c.path;
    EXPECT_EQ(Message(LoadWithoutFile()),
              "HOLYSHEEP_API_KEY_FILE: " + c.reason);
    environment_.clear();
  }
}

TEST_F(ConfiguredKeyTest, IsNeverShownWhereverItWasPutByMistake) {
  const std::string secret = "sk-live secret-0123456789";
  const std::vector<std::string> keys = {"listen",
                                         "upstream.base_url",
                                         "upstream.api_key_file",
                                         "cache.enabled",
                                         "upstream.api_key_header",
                                         "upstream.api_key",
                                         "cache.ttl",
                                         "upstream.http_version",
                                         "limits.max_queue",
                                         "default_model",
                                         "retry.budget_ratio",
                                         "upstream.proxy",
                                         "upstream.ca_file",
                                         "log",
                                         "models",
                                         "tls.cert_file",
                                         "redis.url",
                                         "budgets"};
  for (const std::string& key : keys) {
    const size_t dot = key.find('.');
    const std::string yaml = dot == std::string::npos
                                 ? key + ": \"" + secret + "\"\n"
                                 : key.substr(0, dot) + ": {" +
                                       key.substr(dot + 1) + ": \"" + secret +
                                       "\"}\n";
    const std::string problem = Problem(yaml);
    EXPECT_NE(problem, "") << key;
    EXPECT_THAT(problem, testing::Not(testing::HasSubstr("secret"))) << key;
  }
  for (const char* name :
       {"HOLYSHEEP_LISTEN", "HOLYSHEEP_BASE_URL", "HOLYSHEEP_API_KEY_FILE",
        "HOLYSHEEP_ALLOW_INSECURE"}) {
    environment_ = {{name, secret}};
    EXPECT_THAT(Message(LoadWithoutFile()),
                testing::AllOf(testing::HasSubstr(name),
                               testing::Not(testing::HasSubstr("secret"))));
  }
}

}  // namespace
}  // namespace holysheep::config
