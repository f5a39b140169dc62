#include <limits>

#include "config_fixture.h"
#include "gtest/gtest.h"

namespace holysheep::config {
namespace {

class RoutingTest : public ConfigTest {};

TEST_F(RoutingTest, RulesAreReadInTheirOrder) {
  const absl::StatusOr<Config> config = Load(R"(
routing:
  rules:
  - {when: {min_prompt_tokens: 5, max_prompt_tokens: 9, tag: a b,
            capability: vision}, model: gpt-4.1}
  - model: deepseek-v3.2
)");
  ASSERT_TRUE(config.ok()) << config.status();
  ASSERT_EQ(config->routing.size(), 2u);
  const RoutingRule& all = config->routing[0];
  EXPECT_EQ(all.min_prompt_tokens, 5);
  EXPECT_EQ(all.max_prompt_tokens, 9);
  EXPECT_EQ(all.tag, "a b");
  EXPECT_EQ(all.capability, Capability::kVision);
  EXPECT_EQ(all.model, "gpt-4.1");
  const RoutingRule& none = config->routing[1];
  EXPECT_EQ(none.min_prompt_tokens, 0);
  EXPECT_EQ(none.max_prompt_tokens, std::numeric_limits<int64_t>::max());
  EXPECT_EQ(none.tag, "");
  EXPECT_FALSE(none.capability.has_value());
  EXPECT_EQ(none.model, "deepseek-v3.2");
}

TEST_F(RoutingTest, WhatIsWrongIsSaid) {
  EXPECT_EQ(Problem("routing:\n  rules:\n  - when: {tag: a}\n"),
            "c.yaml:3: routing.rules[0].model: is required");
  EXPECT_EQ(Problem("routing:\n  rules:\n  - model: gpt-5\n"),
            "c.yaml:3: routing.rules[0].model: must be the id of one of the "
            "models");
  EXPECT_EQ(Problem("routing:\n  rules:\n  - model: gpt-4.1\n"
                    "    when: {min_prompt_tokens: 5, max_prompt_tokens: 4}\n"),
            "c.yaml:4: routing.rules[0].when.min_prompt_tokens: must be at "
            "most the max_prompt_tokens");
  EXPECT_EQ(Problem("routing:\n  rules:\n  - model: gpt-4.1\n"
                    "    when: {length: 5}\n"),
            "c.yaml:4: routing.rules[0].when.length: unknown key; allowed are "
            "min_prompt_tokens, max_prompt_tokens, tag, capability");
}

}  // namespace
}  // namespace holysheep::config
