// models[].wire: what is given, what follows from the id, and what is refused.
#include <string>

#include "config_fixture.h"
#include "gtest/gtest.h"

namespace holysheep::config {
namespace {

using Wire = ModelWire;

class WireTest : public ConfigTest {
 protected:
  // The only model of a configuration that describes it so.
  ModelInfo Model(const std::string& id, const std::string& more) {
    const auto config =
        Load("default_model: " + id + "\nmodels:\n- {id: " + id + more + "}\n");
    EXPECT_TRUE(config.ok()) << config.status();
    return config.ok() ? config->models[0] : ModelInfo();
  }
};

TEST_F(WireTest, EveryValueIsRead) {
  const Wire wire =
      Model("m",
            ", wire: {max_tokens: max_completion_tokens, temperature: fixed, "
            "top_p: omit, exclusive: true, reasoning: enable_thinking, "
            "stream_options: false, json_schema: prompt, think_tags: true}")
          .wire;
  EXPECT_EQ(wire.max_tokens, Wire::MaxTokens::kMaxCompletionTokens);
  EXPECT_EQ(wire.temperature, Wire::Sampling::kFixed);
  EXPECT_EQ(wire.top_p, Wire::Sampling::kOmit);
  EXPECT_TRUE(wire.exclusive);
  EXPECT_EQ(wire.reasoning, Wire::Reasoning::kEnableThinking);
  EXPECT_FALSE(wire.stream_options);
  EXPECT_EQ(wire.json_schema, Wire::JsonSchema::kPrompt);
  EXPECT_TRUE(wire.think_tags);
}

TEST_F(WireTest, WhatIsNotGivenFollowsFromTheId) {
  const Wire family = Model("openai/gpt-5", "").wire;
  EXPECT_EQ(family.max_tokens, Wire::MaxTokens::kMaxCompletionTokens);
  EXPECT_EQ(family.top_p, Wire::Sampling::kOmit);
  const Wire changed = Model("gpt-5", ", wire: {top_p: send}").wire;
  EXPECT_EQ(changed.top_p, Wire::Sampling::kSend);
  EXPECT_EQ(changed.temperature, Wire::Sampling::kFixed);
  EXPECT_FALSE(
      Model("claude-sonnet-4.5", ", wire: {exclusive: false}").wire.exclusive);
}

TEST_F(WireTest, AModelWithAFormOfReasoningReasons) {
  EXPECT_FALSE(Model("gpt-5", "").Can(Capability::kReasoning));
  EXPECT_TRUE(Model("gpt-5", ", wire: {reasoning: effort}")
                  .Can(Capability::kReasoning));
  EXPECT_FALSE(
      Model("gpt-5", ", wire: {reasoning: none}").Can(Capability::kReasoning));
}

TEST_F(WireTest, OtherValuesAreRefusedWithThoseThatAreAllowed) {
  const struct {
    std::string wire, problem;
  } kCases[] = {
      {"max_tokens: max_new_tokens",
       "max_tokens: must be one of max_tokens, max_completion_tokens, omit"},
      {"temperature: never", "temperature: must be one of send, omit, fixed"},
      {"top_p: 1", "top_p: must be one of send, omit, fixed"},
      {"exclusive: both", "exclusive: must be true or false"},
      {"reasoning: high",
       "reasoning: must be one of effort, thinking, enable_thinking, "
       "openrouter, none"},
      {"stream_options: {}", "stream_options: must be a single value"},
      {"json_schema: strict",
       "json_schema: must be one of native, json_object, prompt"},
      {"think_tags: 1", "think_tags: must be true or false"},
      {"seed: omit",
       "seed: unknown key; allowed are max_tokens, temperature, top_p, "
       "exclusive, reasoning, stream_options, json_schema, think_tags"}};
  for (const auto& c : kCases) {
    EXPECT_EQ(
        Problem("models:\n- id: deepseek-v3.2\n  wire:\n    " + c.wire + "\n"),
        "c.yaml:4: models[0].wire." + c.problem);
  }
  EXPECT_EQ(Problem("models:\n- id: deepseek-v3.2\n  wire: plain\n"),
            "c.yaml:3: models[0].wire: must be a mapping of keys to values");
}

}  // namespace
}  // namespace holysheep::config
