#include "policy/budgets.h"

#include "gtest/gtest.h"

namespace holysheep {
namespace {

// Noon UTC.
constexpr absl::Time kNow = absl::FromUnixSeconds(1'800'014'400);

Money Dollars(absl::string_view text) { return Money::Parse(text).value(); }

class BudgetsTest : public ::testing::Test {
 protected:
  static Expense Costing(absl::string_view usd) {
    return {"c", "m", Dollars(usd)};
  }
  bool Fits(absl::string_view usd) {
    return !budgets_.Check(kNow, Costing(usd)).has_value();
  }

  Budgets budgets_;
};

TEST_F(BudgetsTest, AReservationEndsWithItsAttemptAlsoAfterAReload) {
  budgets_.TakeUp({{"*", "*", Dollars("0.1"), Period::kDay}});
  const auto reservation = budgets_.Reserve(kNow, Costing("0.1"));
  budgets_.TakeUp({{"b", "*", Dollars("5"), Period::kDay},
                   {"*", "*", Dollars("0.15"), Period::kDay}});
  EXPECT_FALSE(Fits("0.1"));
  budgets_.Settle(kNow, reservation, Costing("0.05"));
  EXPECT_TRUE(Fits("0.1"));
  EXPECT_FALSE(Fits("0.11"));
}

TEST_F(BudgetsTest, WhatWasUnderWayBeforeABudgetIsSpentUnderIt) {
  const auto reservation = budgets_.Reserve(kNow, Costing("0.1"));
  budgets_.TakeUp({{"*", "*", Dollars("0.15"), Period::kDay}});
  budgets_.AddSpent(kNow, {});
  budgets_.Settle(kNow, reservation, Costing("0.1"));
  EXPECT_FALSE(Fits("0.1"));
}

TEST_F(BudgetsTest, ABudgetThatComesBackHasNothingOfAnOldReservation) {
  const std::vector<BudgetRule> rules = {
      {"*", "*", Dollars("0.1"), Period::kDay}};
  budgets_.TakeUp(rules);
  const auto reservation = budgets_.Reserve(kNow, Costing("0.1"));
  budgets_.TakeUp({});
  budgets_.TakeUp(rules);
  budgets_.Settle(kNow, reservation, Costing("0.02"));
  EXPECT_TRUE(Fits("0.08"));
  EXPECT_FALSE(Fits("0.081"));
}

}  // namespace
}  // namespace holysheep
