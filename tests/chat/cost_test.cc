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

pb::Cost Written(const Cost& cost) {
  pb::Cost written;
  WriteCost(cost, written);
  return written;
}

TEST(CostTest, SaysExactlyWhatWasPaidAndWhatItSaved) {
  const ModelInfo model = CheapModel();
  const pb::Cost cost =
      Written(CostOf(PriceTokens(model, {1000, 10, 500}), model));

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
  Cost free = CostOf(PriceTokens(model, {1000, 10, 0}), model);
  MakeFree(free);
  const pb::Cost cost = Written(free);

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
  const pb::Cost cost =
      Written(CostOf(PriceTokens(model, {1000, 10, 0}), model));

  EXPECT_EQ(cost.total(), "0");
  EXPECT_EQ(cost.prompt_unit_price(), "0");
  EXPECT_EQ(cost.saved(), cost.official());
}

TEST(CostTest, ASumHasTheAmountsOfBothAndNoUnitPrice) {
  const ModelInfo model = CheapModel();
  Cost sum;
  AddCost(CostOf(PriceTokens(model, {1000, 10, 0}), model), sum);
  AddCost(CostOf(PriceTokens(model, {0, 10, 0}), model), sum);
  const pb::Cost cost = Written(sum);

  EXPECT_EQ(cost.prompt(), "0.00042");
  EXPECT_EQ(cost.completion(), "0.0000168");
  EXPECT_EQ(cost.total(), "0.0004368");
  EXPECT_EQ(cost.official(), "0.002856");
  EXPECT_EQ(cost.saved(), "0.0024192");
  EXPECT_EQ(cost.prompt_unit_price(), "");
  EXPECT_EQ(cost.currency(), "USD");
}

TEST(CostTest, IsReadBackAsItWasWritten) {
  ModelInfo model = CheapModel();
  model.official_price = Dollars("0.1");  // So that less than nothing is saved.
  const pb::Cost cost =
      Written(CostOf(PriceTokens(model, {1000, 10, 500}), model));
  ASSERT_EQ(cost.saved()[0], '-');
  EXPECT_EQ(Written(ReadCost(cost)).SerializeAsString(),
            cost.SerializeAsString());
}

}  // namespace
}  // namespace holysheep
