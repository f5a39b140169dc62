#include "chat/cost.h"

#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

Money Dollars(absl::string_view text) { return *Money::Parse(text); }

ModelInfo CheapModel() {
  ModelInfo model;
  model.prompt_price = Dollars("0.42");
  model.completion_price = Dollars("0.84");
  model.cached_prompt_price = Dollars("0.042");
  model.official_price = Dollars("2.80");
  return model;
}

TEST(CostTest, SaysExactlyWhatWasPaidAndWhatItSaved) {
  const ModelInfo model = CheapModel();
  pb::Cost cost;

  FillCost(PriceTokens(model, {1000, 10, 500}), model, &cost);

  EXPECT_EQ(cost.prompt(), "0.000231");
  EXPECT_EQ(cost.completion(), "0.0000084");
  EXPECT_EQ(cost.total(), "0.0002394");
  EXPECT_EQ(cost.official(), "0.002828");
  EXPECT_EQ(cost.saved(), "0.0025886");
  EXPECT_EQ(cost.prompt_unit_price(), "0.42");
  EXPECT_EQ(cost.completion_unit_price(), "0.84");
  EXPECT_EQ(cost.currency(), "USD");
}

TEST(CostTest, AnAnswerPaidForBeforeSavesItsWholeOfficialPrice) {
  const ModelInfo model = CheapModel();
  pb::Cost cost;
  FillCost(PriceTokens(model, {1000, 10, 0}), model, &cost);

  MakeFree(&cost);

  EXPECT_EQ(cost.total(), "0");
  EXPECT_EQ(cost.prompt(), "0");
  EXPECT_EQ(cost.completion(), "0");
  EXPECT_EQ(cost.official(), "0.002828");
  EXPECT_EQ(cost.saved(), "0.002828");
  EXPECT_EQ(cost.prompt_unit_price(), "0.42");
}

TEST(CostTest, APriceOfZeroStaysZero) {
  ModelInfo model = CheapModel();
  model.prompt_price = Money();
  model.completion_price = Money();
  model.cached_prompt_price = Money();
  pb::Cost cost;

  FillCost(PriceTokens(model, {1000, 10, 0}), model, &cost);

  EXPECT_EQ(cost.total(), "0");
  EXPECT_EQ(cost.prompt_unit_price(), "0");
  EXPECT_EQ(cost.saved(), cost.official());
}

}  // namespace
}  // namespace holysheep
