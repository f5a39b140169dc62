#include "intake/list_models.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/node.pb.h"
#include "policy/catalog.h"
#include "policy/model_wire.h"

namespace holysheep {
namespace {

std::vector<ModelInfo> TwoModels() {
  std::vector<ModelInfo> models(2);
  models[0].id = "small";
  models[0].label = "Small";
  models[0].prompt_price = *Money::Parse("0.42");
  models[0].completion_price = *Money::Parse("0.42");
  models[0].official_price = *Money::Parse("2.80");
  models[0].context_size = 131'072;
  models[0].max_output_tokens = 8192;
  models[0].capabilities = 1u << static_cast<int>(Capability::kVision) |
                           1u << static_cast<int>(Capability::kReasoning);
  models[1].id = "large";
  return models;
}

pb::ListModelsResponse ListWithLargeDown() {
  return ListModels(Catalog(TwoModels(), "large"), [](absl::string_view id) {
    return std::string(id == "large" ? "circuit open" : "");
  });
}

TEST(ListModelsTest, SaysAllThatTheCatalogKnows) {
  const pb::ListModelsResponse response = ListWithLargeDown();
  ASSERT_EQ(response.models_size(), 2);
  const pb::Model& model = response.models(0);
  EXPECT_EQ(model.id(), "small");
  EXPECT_EQ(model.label(), "Small");
  EXPECT_EQ(model.context_size(), 131'072);
  EXPECT_EQ(model.max_output_tokens(), 8192);
  EXPECT_THAT(model.capabilities(),
              testing::ElementsAre("vision", "reasoning"));
  EXPECT_EQ(model.prompt_price(), "0.42");
  EXPECT_EQ(model.completion_price(), "0.42");
  EXPECT_EQ(model.official_price(), "2.8");
  EXPECT_EQ(model.saving_percent(), 85.0);
  EXPECT_EQ(model.currency(), "USD");
}

TEST(ListModelsTest, SaysThePriceOfEachClassOfTokens) {
  std::vector<ModelInfo> models = TwoModels();
  models[0].cached_prompt_price = *Money::Parse("0.04");
  models[0].cache_write_price = *Money::Parse("0.5");
  models[0].official_cached_prompt_price = *Money::Parse("0.28");
  const pb::ListModelsResponse response = ListModels(
      Catalog(models, "large"), [](absl::string_view) { return ""; });
  const pb::Model& model = response.models(0);
  EXPECT_EQ(model.cached_prompt_price(), "0.04");
  EXPECT_EQ(model.cache_write_price(), "0.5");
  EXPECT_EQ(model.official_prompt_price(), "2.8");
  EXPECT_EQ(model.official_cached_prompt_price(), "0.28");
  EXPECT_EQ(model.official_cache_write_price(), "2.8");
  EXPECT_EQ(model.official_completion_price(), "2.8");
  EXPECT_EQ(response.models(1).official_prompt_price(), "") << "is unknown";
}

TEST(ListModelsTest, NamesTheParametersThatAModelTakes) {
  std::vector<ModelInfo> models(2);
  models[0].id = "any";
  models[1].id = "thinker";
  models[1].wire.temperature = ModelWire::Sampling::kFixed;
  models[1].wire.top_p = ModelWire::Sampling::kOmit;
  models[1].wire.max_tokens = ModelWire::MaxTokens::kOmit;
  const pb::ListModelsResponse response =
      ListModels(Catalog(std::move(models), "any"),
                 [](absl::string_view) { return std::string(); });
  EXPECT_THAT(
      response.models(0).parameters(),
      testing::ElementsAre("temperature", "top_p", "max_tokens",
                           "presence_penalty", "frequency_penalty", "seed"));
  EXPECT_THAT(
      response.models(1).parameters(),
      testing::ElementsAre("presence_penalty", "frequency_penalty", "seed"));
}

TEST(ListModelsTest, MarksTheDefault) {
  const pb::ListModelsResponse response = ListWithLargeDown();
  EXPECT_FALSE(response.models(0).is_default());
  EXPECT_TRUE(response.models(1).is_default());
}

TEST(ListModelsTest, SaysWhyAModelCannotBeUsedNow) {
  const pb::ListModelsResponse response = ListWithLargeDown();
  EXPECT_TRUE(response.models(0).available());
  EXPECT_EQ(response.models(0).unavailable_reason(), "");
  EXPECT_FALSE(response.models(1).available());
  EXPECT_EQ(response.models(1).unavailable_reason(), "circuit open");
}

}  // namespace
}  // namespace holysheep
