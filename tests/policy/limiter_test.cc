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
  options.service.requests_per_minute = 0;
  options.service.max_concurrent = 0;
  return options;
}

QuotaRequest DemandFor(std::string model = "m", std::string caller = "c") {
  QuotaRequest quota;
  quota.model = std::move(model);
  quota.caller = std::move(caller);
  quota.gates = {{{SubjectKind::kModel, quota.model}, {}},
                 {{SubjectKind::kCaller, quota.caller}, {}}};
  quota.tokens = 10;
  quota.cost = Dollars("0.1");
  return quota;
}

class LimiterTest : public ::testing::Test {
 protected:
  bool Fits(const QuotaRequest& quota, double seconds = 0) {
    return !limiter_.Check(At(seconds), quota).has_value();
  }
  // Of the day and of the hour that kStart is in.
  static Spending Spent(std::string model, absl::string_view in_day,
                        absl::string_view in_hour) {
    return {"c",    std::move(model), kStart - absl::Hours(12), Dollars(in_day),
            kStart, Dollars(in_hour)};
  }
  Limiter::Reservation Take(const QuotaRequest& quota, double seconds = 0) {
    EXPECT_TRUE(Fits(quota, seconds));
    return limiter_.Take(At(seconds), quota);
  }
  Limiter::Refusal RefusalOf(const QuotaRequest& quota, double seconds = 0) {
    const auto refusal = limiter_.Check(At(seconds), quota);
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
  options_.service.max_concurrent = 2;
  const Limiter::Reservation first = Take(DemandFor());
  Take(DemandFor());
  const Limiter::Refusal refusal = RefusalOf(DemandFor());
  EXPECT_EQ(LimitName(refusal.limit), "max_concurrent");
  EXPECT_EQ(refusal.SubjectText(), "service");
  EXPECT_FALSE(refusal.earliest.has_value());
  limiter_.Release(first);
  EXPECT_TRUE(Fits(DemandFor()));
}

// Each limit on its own, set so that one attempt exhausts it.
struct LimitCase {
  const char* limit;
  const char* subject;
  void (*set)(LimiterOptions& options, QuotaRequest& quota);
};

const LimitCase kRateLimits[] = {
    {"requests_per_minute", "service",
     [](LimiterOptions& o, QuotaRequest&) {
       o.service.requests_per_minute = 1;
     }},
    {"tokens_per_minute", "service",
     [](LimiterOptions& o, QuotaRequest&) {
       o.service.tokens_per_minute = 10;
     }},
    {"requests_per_minute", "model:m",
     [](LimiterOptions&, QuotaRequest& d) {
       d.gates[0].limits.requests_per_minute = 1;
     }},
    {"tokens_per_minute", "model:m",
     [](LimiterOptions&, QuotaRequest& d) {
       d.gates[0].limits.tokens_per_minute = 10;
     }},
    {"requests_per_minute", "caller:c",
     [](LimiterOptions&, QuotaRequest& d) {
       d.gates[1].limits.requests_per_minute = 1;
     }},
    {"tokens_per_minute", "caller:c",
     [](LimiterOptions&, QuotaRequest& d) {
       d.gates[1].limits.tokens_per_minute = 10;
     }},
};

TEST_F(LimiterTest, Promise06EachRateHoldsAndSaysWhoseItIsAndUntilWhen) {
  for (const LimitCase& c : kRateLimits) {
    SCOPED_TRACE(std::string(c.limit) + " " + c.subject);
    LimiterOptions options = NoLimits();
    QuotaRequest quota = DemandFor();
    c.set(options, quota);
    Limiter limiter(options);
    ASSERT_FALSE(limiter.Check(At(0), quota).has_value());
    limiter.Take(At(0), quota);
    const auto refusal = limiter.Check(At(1), quota);
    ASSERT_TRUE(refusal.has_value());
    EXPECT_EQ(LimitName(refusal->limit), c.limit);
    EXPECT_EQ(refusal->SubjectText(), c.subject);
    EXPECT_EQ(refusal->earliest, At(60));
    EXPECT_FALSE(limiter.Check(At(60), quota).has_value());
  }
}

TEST_F(LimiterTest, Promise06WhatOneLimitRefusesTakesNothingFromAnother) {
  options_.service.requests_per_minute = 2;
  options_.service.tokens_per_minute = 100;
  options_.service.max_concurrent = 2;
  options_.budgets = {{"*", "*", Dollars("0.2"), Period::kDay}};
  QuotaRequest limited = DemandFor();
  limited.gates[1].limits.requests_per_minute = 1;
  Take(limited);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(Fits(limited));
  // The second place is still there for someone else.
  Take(DemandFor("m", "other"));
}

TEST_F(LimiterTest, ModelsAndCallersHaveTheirOwnWindows) {
  QuotaRequest quota = DemandFor();
  quota.gates[0].limits.requests_per_minute = 1;
  Take(quota);
  QuotaRequest other = DemandFor("n");
  other.gates[0].limits.requests_per_minute = 1;
  EXPECT_FALSE(Fits(quota));
  EXPECT_TRUE(Fits(other));
}

TEST_F(LimiterTest, TheLimitThatHoldsLongestIsNamed) {
  options_.service.requests_per_minute = 2;
  QuotaRequest quota = DemandFor();
  Take(DemandFor("other"), 0);
  quota.gates[0].limits.requests_per_minute = 1;
  Take(quota, 10);
  const Limiter::Refusal refusal = RefusalOf(quota, 20);
  EXPECT_EQ(refusal.SubjectText(), "model:m");
  EXPECT_EQ(refusal.earliest, At(70));
}

TEST_F(LimiterTest, OnlyThoseAtTheSameLimitAreAhead) {
  QuotaRequest quota = DemandFor();
  quota.gates[0].limits.requests_per_minute = 2;
  const QuotaRequest other = DemandFor("n");
  const std::vector<const QuotaRequest*> others = {&other, &other, &other};
  const std::vector<const QuotaRequest*> same = {&quota, &quota};
  EXPECT_FALSE(limiter_.Check(At(0), quota, others).has_value());
  const auto refusal = limiter_.Check(At(0), quota, same);
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(refusal->earliest, At(60));
}

TEST_F(LimiterTest, TokensSettleToWhatWasUsedAtEveryLimit) {
  options_.service.tokens_per_minute = 100;
  QuotaRequest quota = DemandFor();
  quota.tokens = 60;
  quota.gates[0].limits.tokens_per_minute = 100;
  quota.gates[1].limits.tokens_per_minute = 100;
  const Limiter::Reservation reservation = Take(quota);
  EXPECT_FALSE(Fits(quota));
  limiter_.Settle(At(0), reservation, 40, Money());
  EXPECT_TRUE(Fits(quota));
}

TEST_F(LimiterTest, BudgetsReserveSettleAndBeginAnew) {
  options_.budgets = {{"*", "m", Dollars("0.15"), Period::kDay}};
  const Limiter::Reservation reservation = Take(DemandFor());
  const Limiter::Refusal refusal = RefusalOf(DemandFor());
  EXPECT_EQ(LimitName(refusal.limit), "budgets");
  EXPECT_EQ(refusal.SubjectText(), "model:m");
  EXPECT_EQ(refusal.earliest, std::nullopt) << "what is reserved may come back";
  EXPECT_TRUE(Fits(DemandFor("n")));
  limiter_.Settle(At(0), reservation, 10, Dollars("0.05"));
  const Limiter::Reservation next = Take(DemandFor());
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
    EXPECT_EQ(RefusalOf(DemandFor()).SubjectText(), c.subject);
  }
}

TEST_F(LimiterTest, NewOptionsHoldFromTheNextCheckOn) {
  options_.service.requests_per_minute = 1;
  Take(DemandFor());
  EXPECT_FALSE(Fits(DemandFor()));
  options_.service.requests_per_minute = 2;
  Take(DemandFor());
  options_.service.max_concurrent = 2;
  options_.service.requests_per_minute = 0;
  EXPECT_EQ(LimitName(RefusalOf(DemandFor()).limit), "max_concurrent");
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
  const Limiter::Reservation reservation = Take(DemandFor());
  options_.budgets = {{"c", "*", Dollars("0.2"), Period::kDay},
                      {"*", "*", Dollars("1"), Period::kDay}};
  Take(DemandFor());
  limiter_.Settle(At(0), reservation, 10, Dollars("0.01"));
  EXPECT_TRUE(Fits(DemandFor("m", "other")));
  EXPECT_FALSE(Fits(DemandFor())) << "settled the other one's reservation";
}

TEST_F(LimiterTest, TokensSettleAtALimitThatWasGoneMeanwhile) {
  options_.service.tokens_per_minute = 10;
  const Limiter::Reservation reservation = Take(DemandFor());
  options_.service.tokens_per_minute = 0;
  limiter_.Settle(At(0), reservation, 0, Money());
  options_.service.tokens_per_minute = 10;
  EXPECT_TRUE(Fits(DemandFor()));
}

TEST_F(LimiterTest, AGrantFromBeforeALimitSettlesNothingOfAnother) {
  const Limiter::Reservation unlimited = Take(DemandFor());
  options_.service.tokens_per_minute = 100;
  QuotaRequest large = DemandFor();
  large.tokens = 100;
  Take(large);
  limiter_.Settle(At(0), unlimited, 0, Money());
  EXPECT_FALSE(Fits(DemandFor())) << "settled the large one's reservation";
}

}  // namespace
}  // namespace holysheep
