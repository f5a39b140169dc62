#include "policy/catalog.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

using ::testing::ElementsAre;
using C = Capability;

Catalog BuiltIn() {
  return Catalog(Catalog::BuiltInModels(),
                 std::string(Catalog::BuiltInDefaultModel()));
}

std::vector<std::string> CapabilityNames(const ModelInfo& model) {
  std::vector<std::string> names;
  for (int i = 0; i < kCapabilityCount; ++i) {
    const auto capability = static_cast<Capability>(i);
    if (model.Can(capability)) {
      names.emplace_back(CapabilityName(capability));
    }
  }
  return names;
}

TEST(CatalogTest, TheBuiltInModelsAreThoseOfThePriceList) {
  const struct {
    absl::string_view id, label, price, official;
    int64_t context_size, max_output_tokens;
  } kCases[] = {
      {"deepseek-v3.2", "DeepSeek V3.2", "0.42", "2.8", 131072, 8192},
      {"gpt-4.1", "GPT-4.1", "8", "60", 1047576, 32768},
      {"claude-sonnet-4.5", "Claude Sonnet 4.5", "15", "45", 200000, 64000},
      {"gemini-2.5-flash", "Gemini 2.5 Flash", "2.5", "10", 1048576, 65536},
  };
  const Catalog catalog = BuiltIn();
  EXPECT_EQ(catalog.models().size(), std::size(kCases));
  for (const auto& test : kCases) {
    const ModelInfo* model = catalog.Find(test.id);
    ASSERT_NE(model, nullptr) << test.id;
    EXPECT_EQ(model->id, test.id);
    EXPECT_EQ(model->label, test.label);
    EXPECT_EQ(model->prompt_price.ToString(), test.price);
    EXPECT_EQ(model->completion_price.ToString(), test.price);
    EXPECT_EQ(model->cached_prompt_price.ToString(), test.price);
    EXPECT_EQ(model->official_price.ToString(), test.official);
    EXPECT_EQ(model->context_size, test.context_size);
    EXPECT_EQ(model->max_output_tokens, test.max_output_tokens);
    EXPECT_EQ(model->limits.requests_per_minute, 0);
    EXPECT_EQ(model->limits.tokens_per_minute, 0);
  }
}

TEST(CatalogTest, TheBuiltInCapabilitiesAreThoseAssumed) {
  const Catalog catalog = BuiltIn();
  EXPECT_THAT(
      CapabilityNames(*catalog.Find("deepseek-v3.2")),
      ElementsAre("tools", "parallel_tools", "json_object", "reasoning"));
  EXPECT_THAT(CapabilityNames(*catalog.Find("gpt-4.1")),
              ElementsAre("vision", "tools", "parallel_tools", "json_object",
                          "json_schema"));
  EXPECT_THAT(CapabilityNames(*catalog.Find("claude-sonnet-4.5")),
              ElementsAre("vision", "tools", "parallel_tools", "json_object",
                          "reasoning"));
  EXPECT_THAT(CapabilityNames(*catalog.Find("gemini-2.5-flash")),
              ElementsAre("vision", "tools", "parallel_tools", "json_object",
                          "json_schema", "reasoning"));
}

TEST(CatalogTest, TheBuiltInDefaultModelIsBuiltIn) {
  const Catalog catalog = BuiltIn();
  EXPECT_EQ(catalog.default_model(), "deepseek-v3.2");
  EXPECT_NE(catalog.Find(catalog.default_model()), nullptr);
}

TEST(CatalogTest, FindsNoModelByAnotherSpelling) {
  const Catalog catalog = BuiltIn();
  EXPECT_EQ(catalog.Find("GPT-4.1"), nullptr);
  EXPECT_EQ(catalog.Find("gpt-4"), nullptr);
  EXPECT_EQ(catalog.Find(""), nullptr);
}

TEST(CatalogTest, AKnownModelIsNotAssumed) {
  const auto target = BuiltIn().TargetFor("gpt-4.1");
  EXPECT_TRUE(target->known);
  EXPECT_EQ(target->model.label, "GPT-4.1");
}

TEST(CatalogTest, AnUnknownModelCostsOneDollarAndMayDoEverything) {
  const auto target = BuiltIn().TargetFor("o9-mini");
  EXPECT_FALSE(target->known);
  const ModelInfo& model = target->model;
  EXPECT_EQ(model.id, "o9-mini");
  EXPECT_EQ(model.label, "o9-mini");
  EXPECT_EQ(model.prompt_price.ToString(), "1");
  EXPECT_EQ(model.completion_price.ToString(), "1");
  EXPECT_EQ(model.cached_prompt_price.ToString(), "1");
  EXPECT_EQ(model.official_price.ToString(), "1");
  EXPECT_EQ(model.context_size, 0);
  EXPECT_EQ(model.max_output_tokens, 0);
  EXPECT_EQ(model.limits.requests_per_minute, 0);
  EXPECT_EQ(model.limits.tokens_per_minute, 0);
  EXPECT_EQ(CapabilityNames(model).size(), kCapabilityCount);
}

TEST(CapabilityTest, EachNameIsReadBackAsItsCapability) {
  const struct {
    Capability capability;
    absl::string_view name;
  } kCases[] = {
      {C::kVision, "vision"},
      {C::kAudio, "audio"},
      {C::kVideo, "video"},
      {C::kDocument, "document"},
      {C::kTools, "tools"},
      {C::kParallelTools, "parallel_tools"},
      {C::kJsonObject, "json_object"},
      {C::kJsonSchema, "json_schema"},
      {C::kReasoning, "reasoning"},
  };
  ASSERT_EQ(std::size(kCases), kCapabilityCount);
  for (const auto& test : kCases) {
    EXPECT_EQ(CapabilityName(test.capability), test.name);
    Capability parsed{};
    EXPECT_TRUE(ParseCapability(test.name, parsed)) << test.name;
    EXPECT_EQ(parsed, test.capability) << test.name;
  }
}

TEST(CapabilityTest, AnUnknownNameIsRefused) {
  Capability capability = C::kTools;
  EXPECT_FALSE(ParseCapability("telepathy", capability));
  EXPECT_FALSE(ParseCapability("Vision", capability));
  EXPECT_FALSE(ParseCapability("", capability));
  EXPECT_EQ(capability, C::kTools);
}

}  // namespace
}  // namespace holysheep
