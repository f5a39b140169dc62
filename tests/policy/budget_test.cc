#include "policy/budget.h"

#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace holysheep {
namespace {

Money Dollars(absl::string_view text) { return Money::Parse(text).value(); }

absl::Time Utc(absl::string_view text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M:%S", text, &time, &error))
      << text;
  return time;
}

const absl::Time kNoon = Utc("2026-03-10 12:00:00");

Budget DayBudget(absl::string_view usd) {
  return Budget({"*", "*", Dollars(usd), Period::kDay});
}

TEST(BudgetTest, AStarCoversEveryoneAndANameOnlyItself) {
  const struct {
    std::string rule_caller, rule_model;
    absl::string_view caller, model;
    bool covered;
  } kCases[] = {
      {"*", "*", "team-a", "gpt-4.1", true},
      {"*", "*", "", "gpt-4.1", true},
      {"team-a", "*", "team-a", "gpt-4.1", true},
      {"team-a", "*", "team-b", "gpt-4.1", false},
      {"*", "gpt-4.1", "team-b", "gpt-4.1", true},
      {"*", "gpt-4.1", "team-b", "gpt-4", false},
      {"team-a", "gpt-4.1", "team-a", "gpt-4.1", true},
      {"team-a", "gpt-4.1", "team-a", "gpt-4", false},
      {"team-a", "gpt-4.1", "*", "*", false},
  };
  for (const auto& test : kCases) {
    const Budget budget(
        {test.rule_caller, test.rule_model, Dollars("1"), Period::kDay});
    EXPECT_EQ(budget.Covers(test.caller, test.model, "bot"), test.covered)
        << test.rule_caller << "," << test.rule_model << " and " << test.caller
        << "," << test.model;
  }
}

TEST(BudgetTest, AStarCoversCallsOfEveryAppAndOfNone) {
  const Budget all(BudgetRule{});
  EXPECT_TRUE(all.Covers("c", "m", "bot"));
  EXPECT_TRUE(all.Covers("c", "m", ""));
  BudgetRule rule;
  rule.app = "bot";
  const Budget one(rule);
  EXPECT_TRUE(one.Covers("c", "m", "bot"));
  EXPECT_FALSE(one.Covers("c", "m", "chat"));
  EXPECT_FALSE(one.Covers("c", "m", ""));
  EXPECT_FALSE(one.Covers("c", "m", "*"));
}

TEST(BudgetTest, ReservationsAndSpendingTogetherStayUnderTheCap) {
  Budget budget = DayBudget("10");
  const Budget::Ticket first = budget.Reserve(kNoon, Dollars("6"));
  EXPECT_TRUE(budget.Fits(kNoon, Dollars("4")));
  EXPECT_FALSE(budget.Fits(kNoon, Dollars("4.000000000001")));
  budget.Reserve(kNoon, Dollars("4"));
  EXPECT_FALSE(budget.Fits(kNoon, Dollars("0.000000000001")));
  budget.Settle(first, Dollars("1.5"));
  EXPECT_EQ(budget.Spent(kNoon), Dollars("1.5"));
  EXPECT_EQ(budget.Reserved(kNoon), Dollars("4"));
  EXPECT_TRUE(budget.Fits(kNoon, Dollars("4.5")));
  EXPECT_FALSE(budget.Fits(kNoon, Dollars("4.6")));
}

TEST(BudgetTest, ACallThatCostNothingGivesItsReservationBack) {
  Budget budget = DayBudget("10");
  budget.Settle(budget.Reserve(kNoon, Dollars("10")), Money());
  EXPECT_EQ(budget.Spent(kNoon), Money());
  EXPECT_TRUE(budget.Fits(kNoon, Dollars("10")));
}

TEST(BudgetTest, WhatIsFreeFitsEvenWhereTooMuchWasSpent) {
  Budget budget = DayBudget("1");
  budget.Settle(budget.Reserve(kNoon, Dollars("1")), Dollars("2"));
  EXPECT_EQ(budget.Spent(kNoon), Dollars("2"));
  EXPECT_TRUE(budget.Fits(kNoon, Money()));
  EXPECT_FALSE(budget.Fits(kNoon, Dollars("0.1")));
}

TEST(BudgetTest, ACapOfZeroLetsOnlyWhatIsFreePass) {
  Budget budget = DayBudget("0");
  EXPECT_TRUE(budget.Fits(kNoon, Money()));
  EXPECT_FALSE(budget.Fits(kNoon, Dollars("0.000000000001")));
}

TEST(BudgetTest, EachPeriodBeginsByTheCalendarInUtc) {
  const struct {
    Period period;
    absl::string_view last_moment, next;
  } kCases[] = {
      {Period::kHour, "2026-03-10 12:59:59", "2026-03-10 13:00:00"},
      {Period::kHour, "2026-12-31 23:59:59", "2027-01-01 00:00:00"},
      {Period::kDay, "2026-03-10 23:59:59", "2026-03-11 00:00:00"},
      {Period::kDay, "2028-02-28 23:59:59", "2028-02-29 00:00:00"},
      {Period::kMonth, "2026-02-28 23:59:59", "2026-03-01 00:00:00"},
      {Period::kMonth, "2026-12-31 23:59:59", "2027-01-01 00:00:00"},
  };
  for (const auto& test : kCases) {
    Budget budget({"*", "*", Dollars("1"), test.period});
    const absl::Time last_moment = Utc(test.last_moment);
    const absl::Time next = Utc(test.next);
    EXPECT_EQ(budget.NextPeriod(last_moment), next) << test.next;
    EXPECT_GT(budget.NextPeriod(next), next) << test.next;
    budget.AddSpent(last_moment, last_moment, Dollars("1"));
    EXPECT_FALSE(budget.Fits(last_moment, Dollars("1"))) << test.next;
    EXPECT_TRUE(budget.Fits(next, Dollars("1"))) << test.next;
  }
}

TEST(BudgetTest, ACallCountsInThePeriodInWhichItWasReserved) {
  Budget budget = DayBudget("10");
  const Budget::Ticket ticket = budget.Reserve(kNoon, Dollars("7"));
  const absl::Time tomorrow = kNoon + absl::Hours(24);
  budget.Reserve(tomorrow, Dollars("2"));
  budget.Settle(ticket, Dollars("7"));
  EXPECT_EQ(budget.Spent(tomorrow), Money());
  EXPECT_EQ(budget.Reserved(tomorrow), Dollars("2"));
}

TEST(BudgetTest, SpendingFromBeforeARestartCounts) {
  Budget budget = DayBudget("10");
  budget.AddSpent(kNoon, kNoon, Dollars("9.5"));
  EXPECT_TRUE(budget.Fits(kNoon, Dollars("0.5")));
  EXPECT_FALSE(budget.Fits(kNoon, Dollars("0.6")));
}

TEST(BudgetTest, SpendingOfAnotherPeriodDoesNotCount) {
  Budget budget = DayBudget("10");
  budget.AddSpent(kNoon, kNoon - absl::Hours(13), Dollars("9.5"));
  EXPECT_EQ(budget.Spent(kNoon), Money());
}

TEST(BudgetTest, ANewCapKeepsWhatWasSpent) {
  Budget budget = DayBudget("10");
  budget.AddSpent(kNoon, kNoon, Dollars("9"));
  budget.SetCap(Dollars("5"));
  EXPECT_FALSE(budget.Fits(kNoon, Dollars("1")));
  budget.SetCap(Dollars("20"));
  EXPECT_TRUE(budget.Fits(kNoon, Dollars("11")));
}

TEST(BudgetTest, RandomCallsNeverPassTheCapAndLeaveNothingReserved) {
  std::mt19937_64 random(7);
  const auto draw = [&](int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random);
  };
  Budget budget = DayBudget("0.001");
  std::vector<Budget::Ticket> running;
  absl::Time now = kNoon;
  int64_t refused = 0;
  for (int step = 0; step < 5000; ++step) {
    now += absl::Seconds(draw(0, 60));
    const Money amount = Money::FromPicos(draw(0, 50'000'000));
    if (budget.Fits(now, amount)) {
      running.push_back(budget.Reserve(now, amount));
    } else {
      ++refused;
    }
    ASSERT_FALSE(Dollars("0.001") < budget.Spent(now) + budget.Reserved(now));
    if (!running.empty() && draw(0, 2) > 0) {
      const Budget::Ticket ticket = running.back();
      running.pop_back();
      budget.Settle(ticket, Money::FromPicos(draw(0, 1)) +
                                PriceOf(draw(0, 1'000'000), ticket.amount) -
                                Money::FromPicos(1));
    }
  }
  EXPECT_GT(refused, 0);
  for (const Budget::Ticket& ticket : running) budget.Settle(ticket, Money());
  EXPECT_EQ(budget.Reserved(now), Money());
}

}  // namespace
}  // namespace holysheep
