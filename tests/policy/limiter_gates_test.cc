#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "policy/limiter.h"

namespace holysheep {
namespace {

absl::Time At(double seconds) {
  return absl::FromUnixSeconds(1'800'014'400) + absl::Seconds(seconds);
}

QuotaRequest DemandFor(std::string model = "m", std::string caller = "c") {
  QuotaRequest quota;
  quota.model = std::move(model);
  quota.caller = std::move(caller);
  quota.tokens = 10;
  quota.gates = {{{SubjectKind::kModel, quota.model}, {}},
                 {{SubjectKind::kCaller, quota.caller}, {}}};
  return quota;
}

// Gates with limits of their own, under a service without any.
class LimiterGatesTest : public ::testing::Test {
 protected:
  bool Fits(const QuotaRequest& quota) {
    return !limiter_.Check(At(0), quota).has_value();
  }
  Limiter::Reservation Take(const QuotaRequest& quota) {
    EXPECT_TRUE(Fits(quota));
    return limiter_.Take(At(0), quota);
  }
  Limiter::Refusal RefusalOf(const QuotaRequest& quota) {
    const auto refusal = limiter_.Check(At(0), quota);
    EXPECT_TRUE(refusal.has_value());
    return refusal.value_or(Limiter::Refusal());
  }

  LimiterOptions options_ = {.service = {}};
  Limiter limiter_{options_};
};

TEST_F(LimiterGatesTest, AGatesOwnConcurrencyComesBackOnce) {
  QuotaRequest quota = DemandFor();
  quota.gates[0].limits.max_concurrent = 1;
  quota.gates[1].limits.max_concurrent = 2;
  const Limiter::Reservation first = Take(quota);
  EXPECT_EQ(RefusalOf(quota).limit, Limit::kMaxConcurrent);
  EXPECT_EQ(RefusalOf(quota).SubjectText(), "model:m");
  EXPECT_FALSE(RefusalOf(quota).earliest.has_value());
  // Another model of the same caller, whose second slot that is.
  QuotaRequest other = DemandFor("n");
  other.gates[1].limits.max_concurrent = 2;
  const Limiter::Reservation second = Take(other);
  EXPECT_EQ(RefusalOf(other).SubjectText(), "caller:c");
  limiter_.Settle(At(0), first, 10, Money());
  EXPECT_FALSE(Fits(quota)) << "settling gives no slot back";
  limiter_.Release(first);
  const Limiter::Reservation third = Take(quota);
  EXPECT_FALSE(Fits(quota)) << "one slot came back twice";
  EXPECT_FALSE(Fits(other)) << "one slot came back twice";
  limiter_.Release(second);
  limiter_.Release(third);
  EXPECT_EQ(limiter_.in_flight(), 0);
}

TEST_F(LimiterGatesTest, AnAttemptFromBeforeAGatesLimitsHoldsNoneOfItsSlots) {
  const Limiter::Reservation unlimited = Take(DemandFor());
  QuotaRequest quota = DemandFor();
  quota.gates[0].limits.max_concurrent = 1;
  Take(quota);
  limiter_.Release(unlimited);
  EXPECT_FALSE(Fits(quota)) << "gave back what it had not taken";
}

TEST_F(LimiterGatesTest, AFourthGateIsRespectedLikeTheOthers) {
  const auto with_fourth = [](RateLimits limits) {
    QuotaRequest quota = DemandFor();
    quota.gates.push_back({{SubjectKind::kCaller, "fourth"}, limits});
    return quota;
  };
  const struct {
    RateLimits limits;
    const char* name;
    std::optional<absl::Time> earliest;
  } kCases[] = {
      {{.requests_per_minute = 1}, "requests_per_minute", At(60)},
      {{.tokens_per_minute = 10}, "tokens_per_minute", At(60)},
      {{.max_concurrent = 1}, "max_concurrent", std::nullopt},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Limiter limiter(options_);
    const QuotaRequest quota = with_fourth(c.limits);
    ASSERT_FALSE(limiter.Check(At(0), quota).has_value());
    limiter.Take(At(0), quota);
    const auto refusal = limiter.Check(At(1), quota);
    ASSERT_TRUE(refusal.has_value());
    EXPECT_EQ(LimitName(refusal->limit), c.name);
    EXPECT_EQ(refusal->SubjectText(), "caller:fourth");
    EXPECT_EQ(refusal->earliest, c.earliest);
    EXPECT_FALSE(limiter.Check(At(1), DemandFor()).has_value());
  }
  const QuotaRequest same = with_fourth({.requests_per_minute = 1});
  const std::vector<const QuotaRequest*> ahead = {&same};
  EXPECT_EQ(limiter_.Check(At(0), same, ahead)->SubjectText(), "caller:fourth");
}

// A call of `app` by `caller`, under the app's limits and its caller's.
QuotaRequest ForApp(std::string app, std::string caller, RateLimits limits,
                    RateLimits of_caller = {}) {
  QuotaRequest quota = DemandFor("m", std::move(caller));
  quota.gates[1].limits = of_caller;
  quota.gates.push_back({{SubjectKind::kApp, app, quota.caller}, limits});
  quota.app = std::move(app);
  return quota;
}

TEST_F(LimiterGatesTest, AnAppIsCountedApartUnderEachCaller) {
  const RateLimits once = {.requests_per_minute = 1};
  Take(ForApp("bot", "one", once));
  EXPECT_EQ(RefusalOf(ForApp("bot", "one", once)).SubjectText(), "app:bot");
  EXPECT_TRUE(Fits(ForApp("bot", "two", once)));
  EXPECT_TRUE(Fits(ForApp("chat", "one", once)));
  EXPECT_TRUE(Fits(DemandFor("m", "one"))) << "a call without an app";
}

TEST_F(LimiterGatesTest, ACallersLimitStandsAboveThoseOfItsApps) {
  const RateLimits two = {.requests_per_minute = 2};
  const RateLimits three = {.requests_per_minute = 3};
  Take(ForApp("bot", "one", two, three));
  Take(ForApp("bot", "one", two, three));
  EXPECT_EQ(RefusalOf(ForApp("bot", "one", two, three)).SubjectText(),
            "app:bot");
  Take(ForApp("chat", "one", two, three));
  EXPECT_EQ(RefusalOf(ForApp("chat", "one", two, three)).SubjectText(),
            "caller:one");
}

TEST_F(LimiterGatesTest, ABudgetSaysWhoseItIsWithAllItsNames) {
  BudgetRule rule;
  rule.app = "bot";
  options_.budgets = {rule};
  QuotaRequest quota = DemandFor();
  quota.cost = Money::FromPicos(1);
  EXPECT_TRUE(Fits(quota));
  quota.app = "bot";
  EXPECT_EQ(RefusalOf(quota).SubjectText(), "app:bot");
  options_.budgets[0].caller = "c";
  EXPECT_EQ(RefusalOf(quota).SubjectText(), "caller:c app:bot");
  options_.budgets[0].model = "m";
  EXPECT_EQ(RefusalOf(quota).SubjectText(), "caller:c app:bot model:m");
}

}  // namespace
}  // namespace holysheep
