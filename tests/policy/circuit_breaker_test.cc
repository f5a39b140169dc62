#include "policy/circuit_breaker.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace holysheep {
namespace {

using Outcome = CircuitBreaker::Outcome;
using Pass = CircuitBreaker::Pass;
using State = CircuitBreaker::State;

constexpr absl::Time kStart = absl::FromUnixSeconds(1'800'000'000);
constexpr CircuitBreakerOptions kOptions{3, absl::Seconds(30)};
const absl::Time kReopen = kStart + absl::Seconds(30);

void RunOne(CircuitBreaker& breaker, absl::Time now, Outcome outcome) {
  const Pass pass = breaker.Allow(now, kOptions);
  ASSERT_TRUE(pass.allowed);
  breaker.Record(pass, outcome, now, kOptions);
}

// Open since kStart.
CircuitBreaker OpenBreaker() {
  CircuitBreaker breaker;
  for (int i = 0; i < 3; ++i) RunOne(breaker, kStart, Outcome::kFailure);
  return breaker;
}

TEST(CircuitBreakerTest, WhatOneEventEndsIsOneFailure) {
  CircuitBreaker breaker;
  std::vector<Pass> passes(10);
  for (Pass& pass : passes) pass = breaker.Allow(kStart, kOptions);
  for (int i = 0; i < 6; ++i) {
    breaker.Record(passes[i], Outcome::kFailure, kStart, kOptions, 7);
    EXPECT_EQ(breaker.failures(), 1);
  }
  breaker.Record(passes[6], Outcome::kFailure, kStart, kOptions, 8);
  EXPECT_EQ(breaker.failures(), 2);
  EXPECT_EQ(breaker.StateAt(kStart, kOptions), State::kClosed);
  breaker.Record(passes[7], Outcome::kFailure, kStart, kOptions);
  EXPECT_EQ(breaker.StateAt(kStart, kOptions), State::kOpen);
}

TEST(CircuitBreakerTest, AnEventCountsAgainAfterASuccess) {
  CircuitBreaker breaker;
  for (const Outcome outcome :
       {Outcome::kFailure, Outcome::kSuccess, Outcome::kFailure}) {
    breaker.Record(breaker.Allow(kStart, kOptions), outcome, kStart, kOptions,
                   outcome == Outcome::kFailure ? 7 : 0);
  }
  EXPECT_EQ(breaker.failures(), 1);
}

TEST(CircuitBreakerTest, OpensAfterFailuresInARowOnly) {
  // S success, F failure, N neutral.
  const struct {
    std::string outcomes;
    State state;
  } kCases[] = {
      {"", State::kClosed},       {"FF", State::kClosed},
      {"FFF", State::kOpen},      {"FFSFF", State::kClosed},
      {"FFSFFF", State::kOpen},   {"FNFNF", State::kOpen},
      {"NNNNNN", State::kClosed}, {"SSSFFF", State::kOpen},
  };
  for (const auto& test : kCases) {
    CircuitBreaker breaker;
    for (const char outcome : test.outcomes) {
      RunOne(breaker, kStart,
             outcome == 'S'   ? Outcome::kSuccess
             : outcome == 'F' ? Outcome::kFailure
                              : Outcome::kNeutral);
    }
    EXPECT_EQ(breaker.StateAt(kStart, kOptions), test.state) << test.outcomes;
  }
}

TEST(CircuitBreakerTest, ZeroFailuresNeverOpenIt) {
  const CircuitBreakerOptions never{0, absl::Seconds(30)};
  CircuitBreaker breaker;
  for (int i = 0; i < 100; ++i) {
    const Pass pass = breaker.Allow(kStart, never);
    ASSERT_TRUE(pass.allowed);
    breaker.Record(pass, Outcome::kFailure, kStart, never);
  }
  EXPECT_EQ(breaker.StateAt(kStart, never), State::kClosed);
}

TEST(CircuitBreakerTest, RefusesEveryoneWhileOpen) {
  CircuitBreaker breaker = OpenBreaker();
  EXPECT_FALSE(breaker.Allow(kStart, kOptions).allowed);
  const absl::Time just_before = kReopen - absl::Nanoseconds(1);
  EXPECT_FALSE(breaker.Allow(just_before, kOptions).allowed);
  EXPECT_EQ(breaker.StateAt(just_before, kOptions), State::kOpen);
}

TEST(CircuitBreakerTest, SaysWhenAProbeMayStart) {
  CircuitBreaker closed;
  EXPECT_EQ(closed.RetryAfter(kStart, kOptions), absl::ZeroDuration());
  CircuitBreaker open = OpenBreaker();
  EXPECT_EQ(open.RetryAfter(kStart, kOptions), absl::Seconds(30));
  EXPECT_EQ(open.RetryAfter(kStart + absl::Seconds(29), kOptions),
            absl::Seconds(1));
  EXPECT_EQ(open.RetryAfter(kReopen, kOptions), absl::ZeroDuration());
}

TEST(CircuitBreakerTest, LetsOneProbeThroughAndRefusesTheOthersUntilItEnds) {
  CircuitBreaker breaker = OpenBreaker();
  EXPECT_EQ(breaker.StateAt(kReopen, kOptions), State::kHalfOpen);
  const Pass probe = breaker.Allow(kReopen, kOptions);
  EXPECT_TRUE(probe.allowed);
  EXPECT_TRUE(probe.probe);
  const absl::Time much_later = kReopen + absl::Hours(1);
  EXPECT_FALSE(breaker.Allow(much_later, kOptions).allowed);
  EXPECT_EQ(breaker.StateAt(much_later, kOptions), State::kHalfOpen);
}

TEST(CircuitBreakerTest, ASuccessfulProbeClosesIt) {
  CircuitBreaker breaker = OpenBreaker();
  RunOne(breaker, kReopen, Outcome::kSuccess);
  EXPECT_EQ(breaker.StateAt(kReopen, kOptions), State::kClosed);
  EXPECT_EQ(breaker.failures(), 0);
  const Pass pass = breaker.Allow(kReopen, kOptions);
  EXPECT_TRUE(pass.allowed);
  EXPECT_FALSE(pass.probe);
}

TEST(CircuitBreakerTest, AFailedProbeOpensItForTheWholeTimeAgain) {
  CircuitBreaker breaker = OpenBreaker();
  RunOne(breaker, kReopen, Outcome::kFailure);
  EXPECT_EQ(breaker.StateAt(kReopen, kOptions), State::kOpen);
  EXPECT_EQ(breaker.RetryAfter(kReopen, kOptions), absl::Seconds(30));
  EXPECT_EQ(breaker.failures(), 4);
}

TEST(CircuitBreakerTest, ANeutralProbeLeavesTheQuestionToTheNextRequest) {
  CircuitBreaker breaker = OpenBreaker();
  RunOne(breaker, kReopen, Outcome::kNeutral);
  EXPECT_EQ(breaker.StateAt(kReopen, kOptions), State::kHalfOpen);
  EXPECT_TRUE(breaker.Allow(kReopen, kOptions).probe);
}

TEST(CircuitBreakerTest, AfterClosingItTakesAsManyFailuresAsEverToOpen) {
  CircuitBreaker breaker = OpenBreaker();
  RunOne(breaker, kReopen, Outcome::kSuccess);
  RunOne(breaker, kReopen, Outcome::kFailure);
  RunOne(breaker, kReopen, Outcome::kFailure);
  EXPECT_EQ(breaker.StateAt(kReopen, kOptions), State::kClosed);
  RunOne(breaker, kReopen, Outcome::kFailure);
  EXPECT_EQ(breaker.StateAt(kReopen, kOptions), State::kOpen);
}

TEST(CircuitBreakerTest, ARequestFromBeforeTheOpeningNeitherClosesNorProlongs) {
  CircuitBreaker breaker;
  const Pass early = breaker.Allow(kStart, kOptions);
  const Pass other = breaker.Allow(kStart, kOptions);
  for (int i = 0; i < 3; ++i) RunOne(breaker, kStart, Outcome::kFailure);

  const absl::Time later = kStart + absl::Seconds(10);
  breaker.Record(early, Outcome::kSuccess, later, kOptions);
  EXPECT_EQ(breaker.StateAt(later, kOptions), State::kOpen);
  breaker.Record(other, Outcome::kFailure, later, kOptions);
  EXPECT_EQ(breaker.RetryAfter(later, kOptions), absl::Seconds(20));
}

TEST(CircuitBreakerTest, RequestsFromBeforeTheOpeningDoNotOpenItAgain) {
  CircuitBreaker breaker;
  std::vector<Pass> slow;
  for (int i = 0; i < 20; ++i) slow.push_back(breaker.Allow(kStart, kOptions));
  for (int i = 0; i < 3; ++i) RunOne(breaker, kStart, Outcome::kFailure);
  RunOne(breaker, kReopen, Outcome::kSuccess);

  const absl::Time timeout = kStart + absl::Seconds(60);
  for (const Pass& pass : slow) {
    breaker.Record(pass, Outcome::kFailure, timeout, kOptions);
  }

  EXPECT_EQ(breaker.StateAt(timeout, kOptions), State::kClosed);
  EXPECT_EQ(breaker.failures(), 0);
}

TEST(CircuitBreakerTest, ARequestFromBeforeTheOpeningDoesNotEndTheProbe) {
  CircuitBreaker breaker;
  const Pass early = breaker.Allow(kStart, kOptions);
  for (int i = 0; i < 3; ++i) RunOne(breaker, kStart, Outcome::kFailure);
  const Pass probe = breaker.Allow(kReopen, kOptions);
  ASSERT_TRUE(probe.probe);
  breaker.Record(early, Outcome::kSuccess, kReopen, kOptions);
  EXPECT_EQ(breaker.StateAt(kReopen, kOptions), State::kHalfOpen);
  EXPECT_FALSE(breaker.Allow(kReopen, kOptions).allowed);
}

}  // namespace
}  // namespace holysheep
