#include "policy/wire_families.h"

#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "policy/catalog.h"

namespace holysheep {
namespace {

using MaxTokens = ModelWire::MaxTokens;
using Sampling = ModelWire::Sampling;
using Reasoning = ModelWire::Reasoning;
constexpr std::optional<Reasoning> kBoth = std::nullopt;

void ExpectReasoning(const std::vector<std::string>& ids,
                     std::optional<Reasoning> reasoning) {
  for (const std::string& id : ids) {
    EXPECT_TRUE(WireOf(id).reasoning == reasoning) << id;
  }
}

TEST(WireFamiliesTest, OpenAisReasoningModelsTakeNoSampling) {
  for (const char* id :
       {"gpt-5", "gpt-5-mini-2025-08-07", "GPT-5.1", "openai/gpt-5.2-codex",
        "gpt-6", "o1", "o3-mini", "openai/o4-mini-2025-04-16", "codex-mini"}) {
    const ModelWire wire = WireOf(id);
    EXPECT_EQ(wire.max_tokens, MaxTokens::kMaxCompletionTokens) << id;
    EXPECT_EQ(wire.temperature, Sampling::kFixed) << id;
    EXPECT_EQ(wire.top_p, Sampling::kOmit) << id;
    EXPECT_EQ(wire.reasoning, Reasoning::kEffort) << id;
    EXPECT_TRUE(wire.stream_options) << id;
  }
}

TEST(WireFamiliesTest, OpenAisChatModelsTakeSampling) {
  for (const char* id : {"gpt-4.1", "gpt-4o-mini", "gpt-4-32k-0613",
                         "gpt-3.5-turbo", "gpt-35-turbo", "chatgpt-4o-latest",
                         "gpt-5-chat-latest", "openai/gpt-5.1-chat"}) {
    EXPECT_EQ(WireOf(id).temperature, Sampling::kSend) << id;
    EXPECT_EQ(WireOf(id).top_p, Sampling::kSend) << id;
    EXPECT_EQ(WireOf(id).reasoning, Reasoning::kNone) << id;
  }
  EXPECT_EQ(WireOf("gpt-4.1").max_tokens, MaxTokens::kMaxTokens);
  EXPECT_EQ(WireOf("gpt-4o-search-preview").temperature, Sampling::kOmit);
}

TEST(WireFamiliesTest, Claude4TakesOneOfTemperatureAndTopP) {
  for (const char* id :
       {"claude-sonnet-4.5", "claude-sonnet-4-5-20250929", "Claude-Opus-4-1",
        "anthropic/claude-4.6-sonnet", "claude-sonnet-4@20250514",
        "us.anthropic.claude-haiku-4-5-20251001-v1:0",
        "claude-opus-4-20250514"}) {
    const ModelWire wire = WireOf(id);
    EXPECT_TRUE(wire.exclusive) << id;
    EXPECT_EQ(wire.temperature, Sampling::kSend) << id;
    EXPECT_EQ(wire.reasoning, Reasoning::kThinking) << id;
  }
  for (const char* id : {"claude-3-5-sonnet-20241022", "claude-3.7-sonnet"}) {
    EXPECT_FALSE(WireOf(id).exclusive) << id;
    EXPECT_EQ(WireOf(id).top_p, Sampling::kSend) << id;
  }
}

TEST(WireFamiliesTest, ClaudeSince47TakesNoSamplingAndNoBudget) {
  for (const char* id :
       {"claude-opus-4-7", "anthropic/claude-4.7-opus-20260416",
        "claude-sonnet-5", "claude-opus-5-5", "claude-fable-5.1"}) {
    const ModelWire wire = WireOf(id);
    EXPECT_EQ(wire.temperature, Sampling::kOmit) << id;
    EXPECT_EQ(wire.top_p, Sampling::kOmit) << id;
    EXPECT_EQ(wire.reasoning, Reasoning::kEffort) << id;
  }
}

TEST(WireFamiliesTest, EveryFamilyIsAskedForReasoningInItsForm) {
  ExpectReasoning(
      {"gemini-2.5-flash", "google/gemini-3-pro-preview", "openai/gpt-oss-120b",
       "grok-3-mini", "x-ai/grok-4.5", "mistral-small-latest", "kimi-k3"},
      Reasoning::kEffort);
  ExpectReasoning(
      {"glm-4.6", "zai-org/GLM-4.5-Air", "kimi-k2.6", "kimi-k2-thinking"},
      Reasoning::kThinking);
  ExpectReasoning(
      {"qwen3-235b-a22b", "Qwen/Qwen3-8B", "qwen-plus-latest", "qwen3:8b"},
      Reasoning::kEnableThinking);
  ExpectReasoning({"grok-4-0709", "grok-4.20-reasoning", "grok-4-1-fast",
                   "meta-llama/Llama-3.3-70B-Instruct", "llama3.2:3b",
                   "moonshot-v1-8k", "qwen2.5-72b-instruct", "gemma-3-27b"},
                  Reasoning::kNone);
  ExpectReasoning(
      {"deepseek-v3.2", "deepseek-ai/DeepSeek-R1", "glm-5.2", "some-model", ""},
      kBoth);
}

TEST(WireFamiliesTest, OpenWeightsThatThinkInTagsAreKnown) {
  for (const char* id : {"deepseek-r1:7b", "Qwen/QwQ-32B", "qwen3-32b",
                         "MiniMaxAI/MiniMax-M2"}) {
    EXPECT_TRUE(WireOf(id).think_tags) << id;
  }
  for (const char* id : {"deepseek-v3.2", "gpt-4.1", "qwen-max", "other"}) {
    EXPECT_FALSE(WireOf(id).think_tags) << id;
  }
}

TEST(WireFamiliesTest, AnythingElseHasTheDefaults) {
  const ModelWire plain;
  for (const char* id : {"olmo-2", "omni", "my-gpt-5", "phi-4", "o", "/", ".",
                         "deepseek-v3.2"}) {
    const ModelWire wire = WireOf(id);
    EXPECT_EQ(wire.max_tokens, plain.max_tokens) << id;
    EXPECT_EQ(wire.temperature, plain.temperature) << id;
    EXPECT_EQ(wire.top_p, plain.top_p) << id;
    EXPECT_EQ(wire.exclusive, plain.exclusive) << id;
    EXPECT_TRUE(wire.reasoning == plain.reasoning) << id;
  }
}

TEST(WireFamiliesTest, ModelsOfTheCatalogAndOutsideHaveTheirFamilys) {
  const Catalog catalog(Catalog::BuiltInModels(), "deepseek-v3.2");
  EXPECT_TRUE(catalog.Find("claude-sonnet-4.5")->wire.exclusive);
  EXPECT_EQ(catalog.Find("gemini-2.5-flash")->wire.reasoning,
            Reasoning::kEffort);
  EXPECT_EQ(catalog.TargetFor("openai/gpt-5")->model.wire.temperature,
            Sampling::kFixed);
}

}  // namespace
}  // namespace holysheep
