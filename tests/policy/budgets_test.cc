#include "policy/budgets.h"

#include <string>
#include <utility>

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

TEST_F(BudgetsTest, ABudgetOfAnAppCountsItsCallsOnly) {
  BudgetRule rule;
  rule.usd = Dollars("0.1");
  rule.app = "bot";
  budgets_.TakeUp({rule});
  const Expense bots = {"c", "m", Dollars("0.1"), "bot"};
  const Expense chats = {"c", "m", Dollars("0.1"), "chat"};
  budgets_.Settle(kNow, budgets_.Reserve(kNow, chats), chats);
  ASSERT_FALSE(budgets_.Check(kNow, bots).has_value());
  budgets_.Settle(kNow, budgets_.Reserve(kNow, bots), bots);
  EXPECT_TRUE(budgets_.Check(kNow, bots).has_value());
  EXPECT_FALSE(budgets_.Check(kNow, chats).has_value());
  EXPECT_TRUE(Fits("0.1")) << "a call without an app";
}

TEST_F(BudgetsTest, RulesThatDifferInTheAppAreDifferentBudgets) {
  BudgetRule bot;
  bot.usd = Dollars("0.1");
  bot.app = "bot";
  BudgetRule chat = bot;
  chat.app = "chat";
  budgets_.TakeUp({bot});
  const Expense spent = {"c", "m", Dollars("0.1"), "bot"};
  budgets_.Settle(kNow, budgets_.Reserve(kNow, spent), spent);
  budgets_.TakeUp({chat, bot});
  EXPECT_TRUE(budgets_.Check(kNow, spent).has_value());
  EXPECT_FALSE(
      budgets_.Check(kNow, {"c", "m", Dollars("0.1"), "chat"}).has_value());
}

TEST_F(BudgetsTest, ABudgetOfAnAppKnowsWhatTheLedgerSays) {
  BudgetRule rule;
  rule.usd = Dollars("0.1");
  rule.app = "bot";
  budgets_.TakeUp({rule});
  const auto spent = [](std::string app) {
    return Spending{"c",
                    "m",
                    kNow - absl::Hours(12),
                    Dollars("0.1"),
                    kNow,
                    Dollars("0.1"),
                    std::move(app)};
  };
  budgets_.AddSpent(kNow, {spent("chat"), spent("bot"), spent("")});
  const auto refusal =
      budgets_.Check(kNow, {"c", "m", Dollars("0.001"), "bot"});
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(refusal->rule.app, "bot");
}

}  // namespace
}  // namespace holysheep
