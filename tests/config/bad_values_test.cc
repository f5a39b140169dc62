// Files that are refused, and how.
#include <string>
#include <vector>

#include "config_fixture.h"
#include "gmock/gmock.h"

namespace holysheep::config {
namespace {

using testing::HasSubstr;

struct Case {
  std::string yaml;
  std::string problem;
};

class BadValuesTest : public ConfigTest {
 protected:
  void ExpectProblems(const std::vector<Case>& cases) {
    for (const Case& c : cases) {
      EXPECT_EQ(Problem(c.yaml), "c.yaml:" + c.problem) << c.yaml;
    }
  }
};

TEST_F(BadValuesTest, UnknownAndRepeatedKeys) {
  ExpectProblems({
      {"log: {}\n\nbreaker: {open: 1s}\n",
       "3: breaker.open: unknown key; allowed are failures, open_for"},
      {"log:\n  level: info\n  Level: info\n",
       "3: log.Level: unknown key; allowed are level, format, prompts"},
      {"models:\n- id: deepseek-v3.2\n  price: 1\n",
       "3: models[0].price: unknown key; allowed are id, label, prompt_price, "
       "completion_price, cached_prompt_price, cache_write_price, "
       "official_price, official_prompt_price, official_cached_prompt_price, "
       "official_cache_write_price, official_completion_price, context_size, "
       "max_output_tokens, capabilities, requests_per_minute, "
       "tokens_per_minute, wire"},
      {"listen: 127.0.0.1:1\nlog: {}\nlisten: 127.0.0.1:1\n",
       "3: listen: is given twice, first on line 1"},
      {"log:\n  level: info\n  level: info\n",
       "3: log.level: is given twice, first on line 2"},
      {"<<: {listen: 1}\n",
       "1: <<: unknown key; allowed are listen, http, "
       "upstream, timeouts, cache, limits, batch, retry, breaker, models, "
       "default_model, routing, auth, reflection, unix_socket_mode, tls, "
       "redis, ledger, apps, budgets, log, drain_timeout"},
  });
}

TEST_F(BadValuesTest, WrongTypes) {
  ExpectProblems({
      {"cache: 5\n", "1: cache: must be a mapping of keys to values"},
      {"cache:\n- a\n", "1: cache: must be a mapping of keys to values"},
      {"models: {id: a}\n", "1: models: must be a list"},
      {"models:\n", "1: models: must be a list"},
      {"auth: {tokens: a}\n", "1: auth.tokens: must be a list"},
      {"budgets: [a]\n", "1: budgets[0]: must be a mapping of keys to values"},
      {"listen: [a]\n", "1: listen: must be a single value"},
      {"listen:\n  a: b\n", "1: listen: must be a single value"},
      {"a: 1\n",
       "1: a: unknown key; allowed are listen, http, "
       "upstream, timeouts, cache, limits, batch, retry, breaker, models, "
       "default_model, routing, auth, reflection, unix_socket_mode, tls, "
       "redis, ledger, apps, budgets, log, drain_timeout"},
      {"listen:\nlog: {}\n", "1: listen: must have a value"},
      {"unix_socket_mode: 8\n",
       "1: unix_socket_mode: must be the permissions of a file such as "
       "\"0600\", with which its owner can write"},
      {"unix_socket_mode: \"0444\"\n",
       "1: unix_socket_mode: must be the permissions of a file such as "
       "\"0600\", with which its owner can write"},
      {"cache: {enabled: 1}\n", "1: cache.enabled: must be true or false"},
      {"cache: {enabled: yes}\n", "1: cache.enabled: must be true or false"},
      {"cache: {enabled: \"true\"}\n",
       "1: cache.enabled: must be true or false"},
      {"models:\n- id: deepseek-v3.2\n  capabilities: tools\n",
       "3: models[0].capabilities: must be a list"},
      {"models:\n- id: deepseek-v3.2\n  capabilities:\n  - tools\n  - [a]\n",
       "5: models[0].capabilities[1]: must be a single value"},
  });
}

TEST_F(BadValuesTest, Numbers) {
  const std::string reason =
      "1: limits.max_queue: must be a whole number from 0 to 1000000000";
  for (const char* value :
       {"-1", "1.0", "1e3", "0x10", "\"5\"", "many", "1_000", "+1", "''",
        "1000000001", "99999999999999999999", "true"}) {
    ExpectProblems(
        {{std::string("limits: {max_queue: ") + value + "}", reason}});
  }
  ExpectProblems({
      {"retry: {max_attempts: 0}\n",
       "1: retry.max_attempts: must be a whole number from 1 to 100"},
      {"upstream: {max_response_bytes: 0}\n",
       "1: upstream.max_response_bytes: must be a whole number from 1024 to "
       "1073741824"},
      {"limits: {max_memory: 1048575}\n",
       "1: limits.max_memory: must be at least 1048576, or 0 for no limit"},
      {"ledger: {retain_days: -1}\n",
       "1: ledger.retain_days: must be a whole number from 0 to 36500"},
  });
  for (const char* value :
       {"-0.1", "1.1", "nan", "inf", "20%", "0x1", "1e-1", "\"0.5\"", "''"}) {
    ExpectProblems({{std::string("retry: {budget_ratio: ") + value + "}",
                     "1: retry.budget_ratio: must be a number from 0 to 1"}});
  }
}

TEST_F(BadValuesTest, Durations) {
  for (const char* value : {"30", "-5s", "+5s", "inf", "5 s", "5x", "soon",
                            "''", ".5s", "1s-1s", "-0", "1e9h"}) {
    ExpectProblems({{std::string("cache: {ttl: ") + value + "}",
                     "1: cache.ttl: must be a duration such as 250ms, 30s or "
                     "1m30s"}});
  }
  ExpectProblems({
      {"cache: {ttl: 8761h}\n", "1: cache.ttl: must be 0 to 8760h"},
      {"cache: {ttl: 99999999999999999h}\n",
       "1: cache.ttl: must be 0 to 8760h"},
      {"timeouts: {connect: 0s}\n", "1: timeouts.connect: must be 1ms to 24h"},
      {"timeouts: {total: 25h}\n", "1: timeouts.total: must be 1ms to 24h"},
      {"breaker: {open_for: 0}\n", "1: breaker.open_for: must be 1ms to 24h"},
      {"drain_timeout: 5\n",
       "1: drain_timeout: must be a duration such as 250ms, 30s or 1m30s"},
      {"retry:\n  max_backoff: 1s\n  initial_backoff: 2s\n",
       "3: retry.initial_backoff: must be at most retry.max_backoff, which is "
       "1s"},
      {"retry:\n  max_backoff: 1s\n",
       "1: retry.initial_backoff: must be at most retry.max_backoff, which is "
       "1s"},
  });
}

TEST_F(BadValuesTest, ClosedListsNameTheirWords) {
  ExpectProblems({
      {"log: {level: loud}\n",
       "1: log.level: must be one of trace, debug, info, warn, error, off"},
      {"log: {format: xml}\n", "1: log.format: must be one of json, text"},
      {"upstream: {http_version: 3}\n",
       "1: upstream.http_version: must be one of auto, 1.1, 2"},
      {"budgets:\n- {usd: 1, period: week}\n",
       "2: budgets[0].period: must be one of hour, day, month"},
      {"models:\n- {id: deepseek-v3.2, capabilities: [tools, magic]}\n",
       "2: models[0].capabilities[1]: must be one of vision, audio, video, "
       "document, tools, parallel_tools, json_object, json_schema, reasoning"},
  });
}

TEST_F(BadValuesTest, Addresses) {
  ExpectProblems({
      {"listen: 50051\n",
       "1: listen: must be an address and port such as 127.0.0.1:50051, "
       "[::1]:50051 or localhost:50051"},
      {"listen: 127.0.0.1:65536\n", "1: listen: the port must be 0 to 65535"},
      {"http: {listen: \"unix:/a\"}\n",
       "1: http.listen: must be an address and port, or empty"},
      {"upstream:\n  base_url: https://u:p@h/\n",
       "2: upstream.base_url: must not have a user or password in it"},
      {"upstream:\n  base_url: https://h/?a=b\n",
       "2: upstream.base_url: must not have a query or fragment"},
      {"upstream: {proxy: h}\n",
       "1: upstream.proxy: must be a URL such as http://proxy:3128 or "
       "socks5://proxy"},
  });
  for (const char* name : {"''", "a b", "a:b", "\"a\\nb\"", "host",
                           "Content-Length", "x\xc3\xa4"}) {
    ExpectProblems({{std::string("upstream: {api_key_header: ") + name + "}",
                     "1: upstream.api_key_header: must be the name of a header "
                     "such as authorization or x-api-key"}});
  }
}

TEST_F(BadValuesTest, Models) {
  const std::string name =
      "must be 1 to 256 characters without blanks around them";
  const std::string price =
      "must be the dollars for a million tokens, 0 to 1000000 with at most 6 "
      "decimals, such as \"0.42\"";
  ExpectProblems({
      {"default_model: gpt-5\n",
       "1: default_model: must be the id of one of the models"},
      {"log: {}\nmodels: [{id: a}]\n",
       "2: models: one must have the id deepseek-v3.2, or default_model must "
       "name another"},
      {"models:\n- id: deepseek-v3.2\n- label: A\n",
       "3: models[1].id: is required"},
      {"models:\n- id: deepseek-v3.2\n- id: a\n-\n  id: a\n",
       "5: models[2].id: is taken by an item above"},
      {"models:\n- id: deepseek-v3.2\n- id: ' '\n", "3: models[1].id: " + name},
      {"models:\n- id: deepseek-v3.2\n  label: ''\n",
       "3: models[0].label: " + name},
      {"models:\n- id: deepseek-v3.2\n  prompt_price: -1\n",
       "3: models[0].prompt_price: " + price},
      {"models:\n- id: deepseek-v3.2\n  completion_price: 0.1234567\n",
       "3: models[0].completion_price: " + price},
      {"models:\n- id: deepseek-v3.2\n  official_price: 1e3\n",
       "3: models[0].official_price: " + price},
      {"models:\n- id: deepseek-v3.2\n  cached_prompt_price: 1000001\n",
       "3: models[0].cached_prompt_price: " + price},
      {"models:\n- id: deepseek-v3.2\n  context_size: 5\n"
       "  max_output_tokens: 6\n",
       "4: models[0].max_output_tokens: must be at most the context_size"},
  });
}

TEST_F(BadValuesTest, TokensAndBudgets) {
  const std::string hash(64, 'a');
  const std::string other(64, 'b');
  const std::string head =
      "auth:\n  tokens:\n  - {name: a, sha256: " + hash + "}\n";
  ExpectProblems({
      {"auth: {tokens: [{name: a}]}\n",
       "1: auth.tokens[0].sha256: is required"},
      {"auth: {tokens: [{sha256: " + hash + "}]}\n",
       "1: auth.tokens[0].name: is required"},
      {"auth: {tokens: [{name: 'cert:'}]}\n",
       "1: auth.tokens[0].name: must be cert:NAME, with the name in the "
       "certificate"},
      {"auth: {tokens: [{name: 'cert:a', sha256: " + hash + "}]}\n",
       "1: auth.tokens[0].sha256: must not be given with a cert:NAME"},
      {"auth: {tokens: [{name: a, sha256: " + hash + "a}]}\n",
       "1: auth.tokens[0].sha256: must be 64 hexadecimal digits: the SHA-256 "
       "of the token"},
      {head + "  - {name: a, sha256: " + other + "}\n",
       "4: auth.tokens[1].name: is taken by an item above"},
      {head + "  - {name: b, sha256: " + std::string(64, 'A') + "}\n",
       "4: auth.tokens[1].sha256: is taken by an item above"},
      {head + "    \n  - {name: b, sha256: " + other + ", roles: []}\n",
       "5: auth.tokens[1].roles: must have at least one role"},
      {head + "  - {name: b, sha256: " + other + ", roles: [root]}\n",
       "4: auth.tokens[1].roles[0]: must be one of invoke, admin"},
      {"budgets:\n- caller: a\n", "2: budgets[0].usd: is required"},
      {"budgets:\n- usd: -1\n",
       "2: budgets[0].usd: must be an amount of dollars such as \"10.00\""},
  });
}

TEST_F(BadValuesTest, WhatThisVersionDoesNotHaveIsNotIgnored) {
  ExpectProblems({
      {"redis: {url: \"redis://h\"}\n",
       "1: redis.url: not available in this version; leave it empty"},
  });
}

TEST_F(BadValuesTest, AVariableThatIsNotSetIsNamed) {
  ExpectProblems({
      {"log: {}\nlisten: ${ADDRESS}\n",
       "2: listen: the environment variable ADDRESS is not set"},
  });
}

TEST_F(BadValuesTest, ShowsAllProblemsInTheOrderOfTheFile) {
  EXPECT_EQ(Problem("drain_timeout: 1\n"
                    "log: {level: loud, colour: red}\n"
                    "cache: {enabled: maybe}\n"),
            "c.yaml:1: drain_timeout: must be a duration such as 250ms, 30s or "
            "1m30s\n"
            "c.yaml:2: log.level: must be one of trace, debug, info, warn, "
            "error, off\n"
            "c.yaml:2: log.colour: unknown key; allowed are level, format, "
            "prompts\n"
            "c.yaml:3: cache.enabled: must be true or false");
}

TEST_F(BadValuesTest, ShowsTwentyProblemsAndCountsTheRest) {
  std::string yaml = "log:\n";
  for (int i = 0; i < 100; ++i) absl::StrAppend(&yaml, "  k", i, ": 1\n");
  const std::string problem = Problem(yaml);
  EXPECT_THAT(problem, HasSubstr("c.yaml:21: log.k19: unknown key"));
  EXPECT_THAT(problem, testing::Not(HasSubstr("log.k20")));
  EXPECT_THAT(problem, testing::EndsWith("\nand 80 more"));
}

}  // namespace
}  // namespace holysheep::config
