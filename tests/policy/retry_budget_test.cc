#include "policy/retry_budget.h"

#include <algorithm>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

constexpr absl::Time kStart = absl::FromUnixSeconds(1'800'000'000);

void RecordAttempts(RetryBudget& budget, absl::Time now, int attempts,
                    absl::string_view caller = "") {
  for (int i = 0; i < attempts; ++i) budget.RecordAttempt(now, caller);
}

// How many of `wanted` retries may start.
int TryRetries(RetryBudget& budget, absl::Time now, int wanted,
               absl::string_view caller = "") {
  int allowed = 0;
  for (int i = 0; i < wanted; ++i)
    allowed += budget.TryRetry(now, caller) ? 1 : 0;
  return allowed;
}

TEST(RetryBudgetTest, AllowsTenRetriesOrTheRatioOfAllAttempts) {
  const struct {
    double ratio;
    int first_attempts;
    int retries;
  } kCases[] = {
      {0.2, 0, 10},   // Little traffic can retry.
      {0.2, 1, 10},   //
      {0.2, 40, 10},  // 10 of 50 are a fifth.
      {0.2, 80, 20},  // 20 of 100.
      {0.2, 800, 200}, {0.5, 100, 100}, {0, 1000, 10}, {0, 0, 10},
  };
  for (const auto& test : kCases) {
    RetryBudget budget(test.ratio);
    RecordAttempts(budget, kStart, test.first_attempts);
    EXPECT_EQ(TryRetries(budget, kStart, 2000), test.retries)
        << test.ratio << " of " << test.first_attempts;
  }
}

TEST(RetryBudgetTest, ARatioOfOneAllowsEveryRetry) {
  RetryBudget budget(1);
  RecordAttempts(budget, kStart, 5);
  EXPECT_EQ(TryRetries(budget, kStart, 500), 500);
}

TEST(RetryBudgetTest, ARefusedRetryIsNotCounted) {
  RetryBudget budget(0.2);
  RecordAttempts(budget, kStart, 40);
  EXPECT_EQ(TryRetries(budget, kStart, 100), 10);
  RecordAttempts(budget, kStart, 4);
  EXPECT_EQ(TryRetries(budget, kStart, 100), 1);
}

TEST(RetryBudgetTest, WhatIsTenSecondsAgoNoLongerCounts) {
  RetryBudget budget(0.2);
  EXPECT_EQ(TryRetries(budget, kStart, 100), 10);
  EXPECT_EQ(TryRetries(budget, kStart + absl::Seconds(9), 100), 0);
  EXPECT_EQ(TryRetries(budget, kStart + absl::Seconds(10), 100), 10);
}

TEST(RetryBudgetTest, AttemptsOfTenSecondsAgoEarnNoRetries) {
  RetryBudget budget(0.2);
  RecordAttempts(budget, kStart, 800);
  EXPECT_EQ(TryRetries(budget, kStart + absl::Seconds(10), 1000), 10);
}

TEST(RetryBudgetTest, ALongPauseForgetsEverything) {
  RetryBudget budget(0.2);
  RecordAttempts(budget, kStart, 800);
  EXPECT_EQ(TryRetries(budget, kStart, 1000), 200);
  EXPECT_EQ(TryRetries(budget, kStart + absl::Hours(24), 1000), 10);
}

TEST(RetryBudgetTest, ANewRatioHoldsAtOnce) {
  RetryBudget budget(0);
  RecordAttempts(budget, kStart, 80);
  EXPECT_EQ(TryRetries(budget, kStart, 100), 10);
  budget.SetRatio(0.2);
  EXPECT_EQ(TryRetries(budget, kStart, 100), 10);
}

TEST(RetryBudgetTest, UnderSteadyFailureRetriesStayAFifthOfTheTraffic) {
  RetryBudget budget(0.2);
  int attempts = 0;
  int retries = 0;
  for (int i = 0; i < 60'000; ++i) {
    const absl::Time now = kStart + i * absl::Milliseconds(1);
    RecordAttempts(budget, now, 1);
    ++attempts;
    retries += TryRetries(budget, now, 2);
  }
  EXPECT_LE(retries, 0.2 * (attempts + retries));
  EXPECT_GE(retries, 0.19 * (attempts + retries));
}

TEST(RetryBudgetTest, OneCallerCannotTakeTheRetriesOfAll) {
  RetryBudget budget(0.2);
  RecordAttempts(budget, kStart, 1000, "greedy");
  EXPECT_EQ(TryRetries(budget, kStart, 5000, "greedy"), 250);
  RecordAttempts(budget, kStart, 1, "other");
  EXPECT_EQ(TryRetries(budget, kStart, 3, "other"), 3);
  EXPECT_EQ(TryRetries(budget, kStart, 5000, "greedy"), 0);
}

TEST(RetryBudgetTest, NorOfTheTenThatAreAlwaysAllowed) {
  RetryBudget budget(0.2);
  RecordAttempts(budget, kStart, 8, "greedy");
  EXPECT_EQ(TryRetries(budget, kStart, 100, "greedy"), 10);
  RecordAttempts(budget, kStart, 8, "other");
  EXPECT_EQ(TryRetries(budget, kStart, 100, "other"), 5);
}

TEST(RetryBudgetTest, WhatOthersDoNotUseIsFree) {
  RetryBudget budget(0.2);
  RecordAttempts(budget, kStart, 980, "healthy");
  RecordAttempts(budget, kStart, 20, "unlucky");
  EXPECT_GT(TryRetries(budget, kStart, 100, "unlucky"), 50);
  RecordAttempts(budget, kStart + absl::Seconds(20), 8, "unlucky");
  EXPECT_EQ(TryRetries(budget, kStart + absl::Seconds(20), 100, "unlucky"), 10)
      << "alone again";
}

TEST(RetryBudgetTest, AmongManyCallersOneTakesAtMostHalf) {
  RetryBudget budget(0.2);
  for (int i = 0; i < 50; ++i) {
    RecordAttempts(budget, kStart, 1, absl::StrCat(i));
  }
  // Of the 11 that 56 attempts allow.
  EXPECT_EQ(TryRetries(budget, kStart, 100, "0"), 6);
  EXPECT_EQ(TryRetries(budget, kStart, 3, "1"), 3);
}

TEST(RetryBudgetTest, TheWholeIsBoundedWhateverTheOrder) {
  std::mt19937 random(1);
  for (int round = 0; round < 1000; ++round) {
    RetryBudget budget(0.2);
    const int callers = 1 + static_cast<int>(random() % 20);
    int attempts = 0;
    int retries = 0;
    for (int step = 0; step < 400; ++step) {
      const std::string caller = absl::StrCat(random() % callers);
      if (random() % 3 == 0) {
        budget.RecordAttempt(kStart, caller);
        ++attempts;
      } else if (budget.TryRetry(kStart, caller)) {
        ++attempts;
        ++retries;
      }
    }
    EXPECT_GE(retries, 10);
    EXPECT_LE(retries, std::max(10.0, 0.2 * attempts) + 10);
  }
}

TEST(RetryBudgetTest, CallersBeyondTheMostShareOneEntry) {
  RetryBudget budget(1);
  for (size_t i = 0; i < 2 * RetryBudget::kMaxCallers; ++i) {
    budget.RecordAttempt(kStart, absl::StrCat(i));
  }
  EXPECT_TRUE(budget.TryRetry(kStart, "one more"));
}

}  // namespace
}  // namespace holysheep
