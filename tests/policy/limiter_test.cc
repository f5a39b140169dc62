#include "policy/limiter.h"

#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace holysheep {
namespace {

// Noon UTC.
constexpr absl::Time kStart = absl::FromUnixSeconds(1'800'014'400);

absl::Time At(double seconds) { return kStart + absl::Seconds(seconds); }

Money Dollars(absl::string_view text) { return Money::Parse(text).value(); }

LimiterOptions NoLimits() {
  LimiterOptions options;
  options.requests_per_minute = 0;
  options.max_concurrent = 0;
  return options;
}

Demand DemandFor(std::string model = "m", std::string caller = "c") {
  Demand demand;
  demand.model = std::move(model);
  demand.caller = std::move(caller);
  demand.tokens = 10;
  demand.cost = Dollars("0.1");
  return demand;
}

class LimiterTest : public ::testing::Test {
 protected:
  bool Fits(const Demand& demand, double seconds = 0) {
    return !limiter_.Check(At(seconds), demand).has_value();
  }
  // Of the day and of the hour that kStart is in.
  static Spending Spent(std::string model, absl::string_view in_day,
                        absl::string_view in_hour) {
    return {"c",    std::move(model), kStart - absl::Hours(12), Dollars(in_day),
            kStart, Dollars(in_hour)};
  }
  Limiter::Grant Take(const Demand& demand, double seconds = 0) {
    EXPECT_TRUE(Fits(demand, seconds));
    return limiter_.Take(At(seconds), demand);
  }
  Limiter::Refusal RefusalOf(const Demand& demand, double seconds = 0) {
    const auto refusal = limiter_.Check(At(seconds), demand);
    EXPECT_TRUE(refusal.has_value());
    return refusal.value_or(Limiter::Refusal());
  }

  LimiterOptions options_ = NoLimits();
  Limiter limiter_{options_};
};

TEST_F(LimiterTest, WithoutLimitsEverythingFits) {
  for (int i = 0; i < 1000; ++i) Take(DemandFor());
  EXPECT_EQ(limiter_.in_flight(), 1000);
}

TEST_F(LimiterTest, ConcurrencyIsFreeAgainAfterARelease) {
  options_.max_concurrent = 2;
  Take(DemandFor());
  Take(DemandFor());
  const Limiter::Refusal refusal = RefusalOf(DemandFor());
  EXPECT_EQ(refusal.limit, "max_concurrent");
  EXPECT_EQ(refusal.subject, "service");
  EXPECT_FALSE(refusal.earliest.has_value());
  limiter_.Release();
  EXPECT_TRUE(Fits(DemandFor()));
}

// Each limit on its own, set so that one attempt exhausts it.
struct LimitCase {
  const char* limit;
  const char* subject;
  void (*set)(LimiterOptions& options, Demand& demand);
};

const LimitCase kRateLimits[] = {
    {"requests_per_minute", "service",
     [](LimiterOptions& o, Demand&) { o.requests_per_minute = 1; }},
    {"tokens_per_minute", "service",
     [](LimiterOptions& o, Demand&) { o.tokens_per_minute = 10; }},
    {"requests_per_minute", "model:m",
     [](LimiterOptions&, Demand& d) { d.model_requests_per_minute = 1; }},
    {"tokens_per_minute", "model:m",
     [](LimiterOptions&, Demand& d) { d.model_tokens_per_minute = 10; }},
    {"requests_per_minute", "caller:c",
     [](LimiterOptions&, Demand& d) { d.caller_requests_per_minute = 1; }},
    {"tokens_per_minute", "caller:c",
     [](LimiterOptions&, Demand& d) { d.caller_tokens_per_minute = 10; }},
};

TEST_F(LimiterTest, Promise06EachRateHoldsAndSaysWhoseItIsAndUntilWhen) {
  for (const LimitCase& c : kRateLimits) {
    SCOPED_TRACE(std::string(c.limit) + " " + c.subject);
    LimiterOptions options = NoLimits();
    Demand demand = DemandFor();
    c.set(options, demand);
    Limiter limiter(options);
    ASSERT_FALSE(limiter.Check(At(0), demand).has_value());
    limiter.Take(At(0), demand);
    const auto refusal = limiter.Check(At(1), demand);
    ASSERT_TRUE(refusal.has_value());
    EXPECT_EQ(refusal->limit, c.limit);
    EXPECT_EQ(refusal->subject, c.subject);
    EXPECT_EQ(refusal->earliest, At(60));
    EXPECT_FALSE(limiter.Check(At(60), demand).has_value());
  }
}

TEST_F(LimiterTest, Promise06WhatOneLimitRefusesTakesNothingFromAnother) {
  options_.requests_per_minute = 2;
  options_.tokens_per_minute = 100;
  options_.max_concurrent = 2;
  options_.budgets = {{"*", "*", Dollars("0.2"), Period::kDay}};
  Demand limited = DemandFor();
  limited.caller_requests_per_minute = 1;
  Take(limited);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(Fits(limited));
  // The second place is still there for someone else.
  Take(DemandFor("m", "other"));
}

TEST_F(LimiterTest, ModelsAndCallersHaveTheirOwnWindows) {
  Demand demand = DemandFor();
  demand.model_requests_per_minute = 1;
  Take(demand);
  Demand other = DemandFor("n");
  other.model_requests_per_minute = 1;
  EXPECT_FALSE(Fits(demand));
  EXPECT_TRUE(Fits(other));
}

TEST_F(LimiterTest, TheLimitThatHoldsLongestIsNamed) {
  options_.requests_per_minute = 2;
  Demand demand = DemandFor();
  Take(DemandFor("other"), 0);
  demand.model_requests_per_minute = 1;
  Take(demand, 10);
  const Limiter::Refusal refusal = RefusalOf(demand, 20);
  EXPECT_EQ(refusal.subject, "model:m");
  EXPECT_EQ(refusal.earliest, At(70));
}

TEST_F(LimiterTest, OnlyThoseAtTheSameLimitAreAhead) {
  Demand demand = DemandFor();
  demand.model_requests_per_minute = 2;
  const Demand other = DemandFor("n");
  const std::vector<const Demand*> others = {&other, &other, &other};
  const std::vector<const Demand*> same = {&demand, &demand};
  EXPECT_FALSE(limiter_.Check(At(0), demand, others).has_value());
  const auto refusal = limiter_.Check(At(0), demand, same);
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(refusal->earliest, At(60));
}

TEST_F(LimiterTest, TokensSettleToWhatWasUsedAtEveryLimit) {
  options_.tokens_per_minute = 100;
  Demand demand = DemandFor();
  demand.tokens = 60;
  demand.model_tokens_per_minute = 100;
  demand.caller_tokens_per_minute = 100;
  const Limiter::Grant grant = Take(demand);
  EXPECT_FALSE(Fits(demand));
  limiter_.Settle(At(0), grant, 40, Money());
  EXPECT_TRUE(Fits(demand));
}

TEST_F(LimiterTest, BudgetsReserveSettleAndBeginAnew) {
  options_.budgets = {{"*", "m", Dollars("0.15"), Period::kDay}};
  const Limiter::Grant grant = Take(DemandFor());
  const Limiter::Refusal refusal = RefusalOf(DemandFor());
  EXPECT_EQ(refusal.limit, "budgets");
  EXPECT_EQ(refusal.subject, "model:m");
  EXPECT_EQ(refusal.earliest, std::nullopt) << "what is reserved may come back";
  EXPECT_TRUE(Fits(DemandFor("n")));
  limiter_.Settle(At(0), grant, 10, Dollars("0.05"));
  const Limiter::Grant next = Take(DemandFor());
  limiter_.Settle(At(0), next, 10, Dollars("0.1"));
  EXPECT_EQ(RefusalOf(DemandFor()).earliest, kStart + absl::Hours(12));
  EXPECT_TRUE(Fits(DemandFor(), 12 * 3600));
}

TEST_F(LimiterTest, ABudgetThatIsSpentDecidesBeforeOneThatIsReserved) {
  options_.budgets = {{"*", "*", Dollars("0.15"), Period::kDay},
                      {"c", "*", Money(), Period::kHour}};
  Take(DemandFor("m", "other"));
  EXPECT_EQ(RefusalOf(DemandFor()).earliest, kStart + absl::Hours(1));
}

TEST_F(LimiterTest, ABudgetRefusalNamesWhatTheRuleCovers) {
  const struct {
    const char *caller, *model, *subject;
  } kCases[] = {{"*", "*", "service"},
                {"c", "*", "caller:c"},
                {"*", "m", "model:m"},
                {"c", "m", "caller:c model:m"}};
  for (const auto& c : kCases) {
    options_.budgets = {{c.caller, c.model, Money(), Period::kHour}};
    EXPECT_EQ(RefusalOf(DemandFor()).subject, c.subject);
  }
}

TEST_F(LimiterTest, NewOptionsHoldFromTheNextCheckOn) {
  options_.requests_per_minute = 1;
  Take(DemandFor());
  EXPECT_FALSE(Fits(DemandFor()));
  options_.requests_per_minute = 2;
  Take(DemandFor());
  options_.max_concurrent = 2;
  options_.requests_per_minute = 0;
  EXPECT_EQ(RefusalOf(DemandFor()).limit, "max_concurrent");
}

TEST_F(LimiterTest, SpendingFromBeforeARestartCountsUnderItsBudgets) {
  options_.budgets = {{"*", "m", Dollars("0.1"), Period::kDay},
                      {"*", "n", Dollars("0.1"), Period::kDay}};
  limiter_.AddSpent(At(0), {Spent("m", "0.1", "0.1")});
  EXPECT_FALSE(Fits(DemandFor("m")));
  EXPECT_TRUE(Fits(DemandFor("n")));
}

TEST_F(LimiterTest, AnHoursBudgetCountsWhatWasSpentInTheHour) {
  options_.budgets = {{"*", "m", Dollars("0.3"), Period::kHour},
                      {"*", "n", Dollars("0.3"), Period::kHour}};
  limiter_.AddSpent(At(0), {Spent("m", "9", "0.2"), Spent("n", "9", "0.21")});
  EXPECT_TRUE(Fits(DemandFor("m")));
  EXPECT_FALSE(Fits(DemandFor("n")));
}

TEST_F(LimiterTest, ANewBudgetCountsWhatWasSpentBeforeIt) {
  options_.budgets = {{"*", "m", Dollars("0.3"), Period::kDay}};
  limiter_.AddSpent(At(0), {Spent("m", "0.1", "0")});
  options_.budgets.push_back({"c", "*", Dollars("0.3"), Period::kDay});
  limiter_.AddSpent(At(0), {Spent("m", "0.1", "0"), Spent("n", "0.11", "0")});
  EXPECT_FALSE(Fits(DemandFor("m")));
  EXPECT_TRUE(Fits(DemandFor("m", "other"))) << "told of it a second time";
}

TEST_F(LimiterTest, AChangedBudgetKeepsWhatWasSpent) {
  options_.budgets = {{"*", "*", Dollars("0.1"), Period::kDay}};
  limiter_.Settle(At(0), Take(DemandFor()), 10, Dollars("0.1"));
  EXPECT_FALSE(Fits(DemandFor()));
  options_.budgets[0].usd = Dollars("0.2");
  Take(DemandFor());
  EXPECT_FALSE(Fits(DemandFor()));
}

TEST_F(LimiterTest, AGrantFromOldBudgetsSettlesNothingOfOthersUnderNewOnes) {
  options_.budgets = {{"*", "*", Dollars("1"), Period::kDay}};
  const Limiter::Grant grant = Take(DemandFor());
  options_.budgets = {{"c", "*", Dollars("0.2"), Period::kDay},
                      {"*", "*", Dollars("1"), Period::kDay}};
  Take(DemandFor());
  limiter_.Settle(At(0), grant, 10, Dollars("0.01"));
  EXPECT_TRUE(Fits(DemandFor("m", "other")));
  EXPECT_FALSE(Fits(DemandFor())) << "settled the other one's reservation";
}

TEST_F(LimiterTest, TokensSettleAtALimitThatWasGoneMeanwhile) {
  options_.tokens_per_minute = 10;
  const Limiter::Grant grant = Take(DemandFor());
  options_.tokens_per_minute = 0;
  limiter_.Settle(At(0), grant, 0, Money());
  options_.tokens_per_minute = 10;
  EXPECT_TRUE(Fits(DemandFor()));
}

TEST_F(LimiterTest, AGrantFromBeforeALimitSettlesNothingOfAnother) {
  const Limiter::Grant unlimited = Take(DemandFor());
  options_.tokens_per_minute = 100;
  Demand large = DemandFor();
  large.tokens = 100;
  Take(large);
  limiter_.Settle(At(0), unlimited, 0, Money());
  EXPECT_FALSE(Fits(DemandFor())) << "settled the large one's reservation";
}

}  // namespace
}  // namespace holysheep
