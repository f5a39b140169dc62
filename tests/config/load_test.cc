#include "config/load.h"

#include <unistd.h>

#include <limits>
#include <string>

#include "config_fixture.h"
#include "equal_configs.h"
#include "gmock/gmock.h"

namespace holysheep::config {
namespace {

class LoadTest : public ConfigTest {};

TEST_F(LoadTest, WorksWithoutAFile) {
  const absl::StatusOr<Config> config = LoadWithoutFile();
  ASSERT_TRUE(config.ok()) << config.status();
  Config defaults;
  defaults.upstream.api_key = kTestKey;
  ExpectEqual(*config, defaults);
}

TEST_F(LoadTest, AnEmptyFileOrSectionKeepsTheDefaults) {
  Config defaults;
  defaults.upstream.api_key = kTestKey;
  for (const char* yaml : {"", "# nothing\n", "cache:\nhttp: {}\n"}) {
    const absl::StatusOr<Config> config = Load(yaml);
    ASSERT_TRUE(config.ok()) << config.status();
    ExpectEqual(*config, defaults);
  }
}

TEST_F(LoadTest, ReadsWhereToListenAndWhatToCall) {
  const absl::StatusOr<Config> config = Load(R"(
listen: "[::1]:1234"
http: {listen: ""}
upstream: {base_url: "http://127.0.0.1:9/v1/", api_key_header: X-API-Key,
           http_version: 1.1, max_connections: 25, keepalive_per_host: 3,
           keep_warm: 1m, transport: curl, dns_ttl: 1m30s, proxy: "socks5://p:1", stream_unary: false,
           max_response_bytes: 2048}
)");
  ASSERT_TRUE(config.ok()) << config.status();
  Config want;
  want.listen = {"[::1]:1234", "::1", 1234};
  want.http_listen = {};
  want.upstream.base_url = "http://127.0.0.1:9/v1";
  want.upstream.api_key = kTestKey;
  want.upstream.api_key_header = "x-api-key";
  want.transport = TransportKind::kCurl;
  want.connections.http_version = HttpVersion::kHttp11;
  want.connections.max_connections = 25;
  want.connections.keepalive_per_host = 3;
  want.connections.dns_ttl = absl::Seconds(90);
  want.connections.proxy = "socks5://p:1";
  want.upstream.stream_unary = false;
  want.upstream.keep_warm = absl::Minutes(1);
  want.upstream.max_response_bytes = 2048;
  ExpectEqual(*config, want);
}

TEST_F(LoadTest, ReadsHowCallsAreTreated) {
  const absl::StatusOr<Config> config = Load(R"(
timeouts: {connect: 250ms, first_token: 1s, idle: 2s, total: 1.5h}
cache: {enabled: false, max_entries: 0, max_bytes: 7, ttl: 0,
        stale_if_error: 1h}
limits: {requests_per_minute: 0, tokens_per_minute: 9, max_concurrent: 1,
         max_queue: 2, max_queue_wait: 0s, batch_in_flight: 3,
         max_connections: 4, max_memory: 1048576}
batch: {patience: 0s}
retry: {max_attempts: 1, initial_backoff: 1s, max_backoff: 1s,
        budget_ratio: 1}
breaker: {failures: 0, open_for: 1ms}
log: {level: "off", format: text, prompts: true}
drain_timeout: 0
reflection: false
unix_socket_mode: "0660"
)");
  ASSERT_TRUE(config.ok()) << config.status();
  Config want;
  want.upstream.api_key = kTestKey;
  want.upstream.connect_timeout = absl::Milliseconds(250);
  want.upstream.first_token_timeout = absl::Seconds(1);
  want.upstream.idle_timeout = absl::Seconds(2);
  want.total_timeout = absl::Minutes(90);
  want.cache = {.enabled = false,
                .max_entries = std::numeric_limits<size_t>::max(),
                .max_bytes = 7,
                .ttl = absl::ZeroDuration(),
                .stale_if_error = absl::Hours(1)};
  want.limits.service = {.tokens_per_minute = 9, .max_concurrent = 1};
  want.admission = {2, absl::InfiniteDuration()};
  want.batch_in_flight = 3;
  want.batch_patience = absl::ZeroDuration();
  want.max_connections = 4;
  want.max_memory = 1 << 20;
  want.retry = {1, absl::Seconds(1), absl::Seconds(1), 1.0};
  want.breaker = {0, absl::Milliseconds(1), absl::Milliseconds(250)};
  want.log.lines.level = LogLevel::kOff;
  want.log.lines.format = LogFormat::kText;
  want.log.prompts = true;
  want.drain_timeout = absl::ZeroDuration();
  want.reflection = false;
  want.unix_socket_mode = 0660;
  ExpectEqual(*config, want);
}

TEST_F(LoadTest, APipeIsReadOnceAndIsNoEmptyFileThen) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const std::string text = "drain_timeout: 5s\n";
  ASSERT_EQ(write(ends[1], text.data(), text.size()),
            static_cast<ssize_t>(text.size()));
  close(ends[1]);
  const std::string path = absl::StrCat("/dev/fd/", ends[0]);
  EXPECT_EQ(LoadConfig({path, LookUp()})->drain_timeout, absl::Seconds(5));
  EXPECT_THAT(Message(LoadConfig({path, LookUp()})),
              testing::HasSubstr("is a pipe with nothing in it"));
  close(ends[0]);
}

TEST_F(LoadTest, ModelsReplaceTheBuiltInOnes) {
  const absl::StatusOr<Config> config = Load(R"(
default_model: b
models:
- {id: a, label: Model A, prompt_price: "0.42", completion_price: 10,
   cached_prompt_price: 0, official_price: 2.800001, context_size: 100,
   max_output_tokens: 100, capabilities: [vision, reasoning],
   requests_per_minute: 5, tokens_per_minute: 6}
- id: b
)");
  ASSERT_TRUE(config.ok()) << config.status();
  ASSERT_EQ(config->models.size(), 2u);
  const ModelInfo& a = config->models[0];
  EXPECT_EQ(a.id, "a");
  EXPECT_EQ(a.label, "Model A");
  EXPECT_EQ(a.prompt_price.ToString(), "0.42");
  EXPECT_EQ(a.completion_price.ToString(), "10");
  EXPECT_EQ(a.cached_prompt_price.ToString(), "0");
  EXPECT_EQ(a.official_price.ToString(), "2.800001");
  EXPECT_EQ(a.context_size, 100);
  EXPECT_EQ(a.max_output_tokens, 100);
  EXPECT_TRUE(a.Can(Capability::kVision));
  EXPECT_TRUE(a.Can(Capability::kReasoning));
  EXPECT_FALSE(a.Can(Capability::kTools));
  EXPECT_EQ(a.limits.requests_per_minute, 5);
  EXPECT_EQ(a.limits.tokens_per_minute, 6);
  EXPECT_EQ(config->default_model, "b");
}

TEST_F(LoadTest, AModelsMissingPricesAreThatOfItsPrompt) {
  const absl::StatusOr<Config> config = Load(R"(
default_model: none
models:
- id: none
- {id: one, prompt_price: 3}
- {id: two, prompt_price: 3, completion_price: 4}
)");
  ASSERT_TRUE(config.ok()) << config.status();
  const ModelInfo& none = config->models[0];
  EXPECT_EQ(none.label, "none");
  EXPECT_EQ(none.prompt_price.ToString(), "1");
  EXPECT_EQ(none.official_price.ToString(), "1");
  EXPECT_EQ(none.capabilities, 0u);
  const ModelInfo& one = config->models[1];
  EXPECT_EQ(one.completion_price.ToString(), "3");
  EXPECT_EQ(one.cached_prompt_price.ToString(), "3");
  EXPECT_EQ(one.official_price.ToString(), "3");
  const ModelInfo& two = config->models[2];
  EXPECT_EQ(two.completion_price.ToString(), "4");
  EXPECT_EQ(two.cached_prompt_price.ToString(), "3");
  EXPECT_EQ(two.official_price.ToString(), "0");
}

TEST_F(LoadTest, ATokenMayInvokeUnlessItsRolesSayOtherwise) {
  const std::string hash(64, 'A');
  const std::string other(64, '0');
  const absl::StatusOr<Config> config = Load(
      "auth:\n  tokens:\n"
      "  - {name: team-a, sha256: " +
      hash +
      "}\n"
      "  - {name: ops, sha256: \"" +
      other +
      "\", roles: [admin], scope: all,\n"
      "     requests_per_minute: 1, tokens_per_minute: 2}\n");
  ASSERT_TRUE(config.ok()) << config.status();
  ASSERT_EQ(config->auth.tokens.size(), 2u);
  const TokenOptions& team = config->auth.tokens[0];
  EXPECT_EQ(team.name, "team-a");
  EXPECT_EQ(team.sha256, std::string(64, 'a'));
  EXPECT_TRUE(team.may_invoke);
  EXPECT_FALSE(team.may_administer);
  EXPECT_EQ(team.scope, "team-a");
  EXPECT_EQ(team.limits.requests_per_minute, 0);
  const TokenOptions& ops = config->auth.tokens[1];
  EXPECT_FALSE(ops.may_invoke);
  EXPECT_TRUE(ops.may_administer);
  EXPECT_EQ(ops.scope, "all");
  EXPECT_EQ(ops.limits.requests_per_minute, 1);
  EXPECT_EQ(ops.limits.tokens_per_minute, 2);
}

TEST_F(LoadTest, ReadsBudgets) {
  const absl::StatusOr<Config> config = Load(R"(
budgets:
- usd: "10.00"
- {caller: team-a, model: gpt-4.1, usd: 0.000000000001, period: month}
)");
  ASSERT_TRUE(config.ok()) << config.status();
  ASSERT_EQ(config->limits.budgets.size(), 2u);
  EXPECT_EQ(config->limits.budgets[0].caller, "*");
  EXPECT_EQ(config->limits.budgets[0].model, "*");
  EXPECT_EQ(config->limits.budgets[0].usd.ToString(), "10");
  EXPECT_EQ(config->limits.budgets[0].period, Period::kDay);
  EXPECT_EQ(config->limits.budgets[1].caller, "team-a");
  EXPECT_EQ(config->limits.budgets[1].model, "gpt-4.1");
  EXPECT_EQ(config->limits.budgets[1].usd, Money::FromPicos(1));
  EXPECT_EQ(config->limits.budgets[1].period, Period::kMonth);
}

TEST_F(LoadTest, TheEnvironmentBeatsTheFile) {
  environment_["HOLYSHEEP_LISTEN"] = "127.0.0.2:7";
  environment_["HOLYSHEEP_BASE_URL"] = "http://127.0.0.1:8/";
  environment_["HOLYSHEEP_ALLOW_INSECURE"] = "0";
  const absl::StatusOr<Config> config = Load(
      "listen: 127.0.0.1:1\n"
      "upstream: {base_url: \"http://127.0.0.1:2\"}\n"
      "auth: {allow_insecure: true}\n");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->listen.text, "127.0.0.2:7");
  EXPECT_EQ(config->upstream.base_url, "http://127.0.0.1:8");
  EXPECT_FALSE(config->auth.allow_insecure);
}

TEST_F(LoadTest, AnEmptyVariableCountsAsNotSet) {
  environment_["HOLYSHEEP_CONFIG"] = "";
  environment_["HOLYSHEEP_LISTEN"] = "";
  environment_["HOLYSHEEP_ALLOW_INSECURE"] = "";
  const absl::StatusOr<Config> config = Load("listen: 127.0.0.1:1\n");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->listen.text, "127.0.0.1:1");
  EXPECT_TRUE(LoadWithoutFile().ok());
}

TEST_F(LoadTest, AWrongVariableIsNamed) {
  environment_["HOLYSHEEP_ALLOW_INSECURE"] = "maybe";
  environment_["HOLYSHEEP_BASE_URL"] = "nonsense";
  EXPECT_EQ(Problem("# nothing\n"),
            "HOLYSHEEP_BASE_URL: must be an http or https URL such as "
            "https://api.holysheep.ai/v1\n"
            "HOLYSHEEP_ALLOW_INSECURE: must be 0, 1, true or false");
}

TEST_F(LoadTest, TheOptionBeatsTheVariableThatNamesTheFile) {
  environment_["HOLYSHEEP_CONFIG"] =
      WriteFile("env.yaml", "listen: 127.0.0.1:1\n");
  EXPECT_EQ(LoadWithoutFile()->listen.port, 1);
  EXPECT_EQ(Load("listen: 127.0.0.1:2\n")->listen.port, 2);
}

TEST_F(LoadTest, PutsVariablesIntoTheFile) {
  environment_["PORT"] = "81";
  environment_["ENTRIES"] = "12";
  environment_["INSECURE"] = "1";
  const absl::StatusOr<Config> config = Load(
      "listen: 127.0.0.1:${PORT}\n"
      "cache: {max_entries: \"${ENTRIES}\"}\n"
      "auth: {allow_insecure: \"${INSECURE}\"}\n"
      "redis: {prefix: \"$$${PORT}\"}\n");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->listen.port, 81);
  EXPECT_EQ(config->cache.max_entries, 12);
  EXPECT_TRUE(config->auth.allow_insecure);
}

TEST_F(LoadTest, SaysWhatIsWrongWithTheFileItself) {
  EXPECT_EQ(Message(LoadConfig({folder_ + "/none.yaml", LookUp()})),
            "none.yaml: no such file");
  EXPECT_EQ(Message(LoadConfig({folder_ + "/.", LookUp()})),
            ".: is a directory");
  EXPECT_EQ(Problem("#" + std::string(1 << 20, ' ')),
            "c.yaml: is larger than 1048576 bytes");
  EXPECT_EQ(Problem("log: &x {}\ncache: *x\n"),
            "c.yaml:2: YAML aliases are not supported");
  // The newer yaml-cpp, of Debian 13, says which.
  const std::string no_anchor =
      "c.yaml:2: is not YAML: the referenced anchor is not defined";
  EXPECT_THAT(Problem("\nlisten: *x\n"),
              testing::AnyOf(no_anchor, no_anchor + ": x"));
  EXPECT_EQ(Problem("- listen\n"),
            "c.yaml:1: must be a mapping of keys to values");
}

}  // namespace
}  // namespace holysheep::config
