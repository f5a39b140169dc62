#include "base/memory_account.h"

#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "base/errors.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

constexpr int64_t kStep = MemoryAccount::kStep;
constexpr int64_t kMiB = 1 << 20;

MemoryOptions Of(int64_t bytes, bool shared = false) { return {bytes, shared}; }

TEST(MemoryAccountTest, WhatIsTakenIsGivenBackOnce) {
  MemoryAccount account(Of(kMiB));
  {
    absl::StatusOr<HeldMemory> held = account.Take("a", 3 * kStep);
    ASSERT_TRUE(held.ok());
    EXPECT_EQ(account.bytes(), 3 * kStep);
    HeldMemory moved = *std::move(held);
    HeldMemory again;
    again = std::move(moved);
    EXPECT_EQ(account.bytes(), 3 * kStep);
  }
  EXPECT_EQ(account.bytes(), 0);
}

TEST(MemoryAccountTest, NoCallHoldsLessThanAStep) {
  MemoryAccount account(Of(kMiB));
  const auto held = account.Take("a", 1);
  EXPECT_EQ(account.bytes(), kStep);
}

TEST(MemoryAccountTest, GrowthIsTakenInStepsAndGivenBackWhole) {
  MemoryAccount account(Of(kMiB));
  {
    auto held = account.Take("a", 1);
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(held->Grow(kStep / 10));
    EXPECT_EQ(account.bytes(), 10 * kStep);
    held->Shrink(9 * kStep);
    EXPECT_LE(account.bytes(), 3 * kStep);
  }
  EXPECT_EQ(account.bytes(), 0);
}

TEST(MemoryAccountTest, AnAssignmentGivesBackWhatWasHeldBefore) {
  MemoryAccount account(Of(kMiB));
  auto held = account.Take("a", kStep);
  *held = HeldMemory();
  EXPECT_EQ(account.bytes(), 0);
}

TEST(MemoryAccountTest, AnEighthIsLeftToThoseWhoRun) {
  MemoryAccount account(Of(kMiB));
  auto held = account.Take("a", kMiB - kMiB / 8);
  ASSERT_TRUE(held.ok());
  EXPECT_FALSE(account.Take("a", 1).ok());
  EXPECT_TRUE(held->Grow(kMiB / 8));
  EXPECT_EQ(account.bytes(), kMiB);
  EXPECT_FALSE(held->Grow(1));
  EXPECT_EQ(account.bytes(), kMiB);
}

TEST(MemoryAccountTest, WhoDoesNotShareMayHaveItAll) {
  MemoryAccount account(Of(kMiB));
  EXPECT_TRUE(account.Take("", kMiB / 4 * 3).ok());
}

TEST(MemoryAccountTest, OneOfSeveralCallersHasAtMostHalf) {
  MemoryAccount account(Of(kMiB, /*shared=*/true));
  EXPECT_FALSE(account.Take("a", kMiB / 2 + 1).ok());
  auto held = account.Take("a", kMiB / 16 * 7);
  ASSERT_TRUE(held.ok());
  EXPECT_TRUE(held->Grow(kMiB / 16));
  EXPECT_FALSE(held->Grow(1));
}

TEST(MemoryAccountTest, ThereIsRoomForOneMoreCallerHoweverManyAreGreedy) {
  MemoryAccount account(Of(64 * kMiB, /*shared=*/true));
  std::vector<HeldMemory> all;
  for (const char* caller : {"a", "b", "c", "d"}) {
    size_t taken = 0;
    for (auto held = account.Take(caller, kStep); held.ok();
         held = account.Take(caller, kStep)) {
      all.push_back(*std::move(held));
      ++taken;
    }
    EXPECT_GT(taken, 100u) << caller;
    EXPECT_FALSE(account.Take("a", kStep).ok());
  }
}

TEST(MemoryAccountTest, AnotherPartBelongsToTheSameCaller) {
  MemoryAccount account(Of(kMiB, /*shared=*/true));
  auto held = account.Take("a", kMiB / 4);
  HeldMemory part = held->Another();
  EXPECT_TRUE(part.Grow(kMiB / 4));
  EXPECT_FALSE(part.Grow(1));
  held = absl::CancelledError();
  EXPECT_EQ(account.bytes(), kMiB / 4);
  EXPECT_TRUE(part.Grow(kStep));
}

TEST(MemoryAccountTest, WhatBelongsToNoAccountGrowsFreely) {
  HeldMemory none;
  EXPECT_TRUE(none.Grow(1000 * kMiB));
  EXPECT_TRUE(none.Another().Grow(kMiB));
}

TEST(MemoryAccountTest, AReloadAppliesToWhatIsTakenFromThenOn) {
  MemoryAccount account(Of(kMiB));
  auto held = account.Take("a", kMiB / 2);
  account.SetOptions(Of(kMiB / 4));
  EXPECT_FALSE(held->Grow(kStep));
  EXPECT_FALSE(account.Take("a", 1).ok());
  account.SetOptions(Of(2 * kMiB));
  EXPECT_TRUE(held->Grow(kStep));
}

TEST(MemoryAccountTest, TheErrorNamesTheLimitAndWhenToComeAgain) {
  MemoryAccount account(Of(kMiB));
  const auto all = account.Take("a", kMiB / 8 * 7);
  for (const absl::Status& error :
       {account.Take("b", 1).status(), OutOfMemoryError()}) {
    EXPECT_EQ(ReasonOf(error), Reason::kQueueFull);
    EXPECT_EQ(DetailsOf(error).limit, "limits.max_memory");
    EXPECT_EQ(DetailsOf(error).subject, "service");
    EXPECT_EQ(DetailsOf(error).retry_after, absl::Seconds(1));
  }
}

TEST(MemoryAccountTest, NoWaitHelpsWhatIsLargerThanAll) {
  MemoryAccount account(Of(kMiB));
  EXPECT_FALSE(
      DetailsOf(account.Take("a", kMiB).status()).retry_after.has_value());
}

// Random takes, growths and returns against plain sums.
TEST(MemoryAccountTest, NothingGrowsPastTheLimitWhateverIsDone) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    const int64_t limit = kMiB + static_cast<int64_t>(random() % kMiB);
    MemoryAccount account(Of(limit, seed % 2 == 0));
    std::vector<HeldMemory> all;
    for (int i = 0; i < 300; ++i) {
      const int64_t bytes = static_cast<int64_t>(random() % (limit / 8));
      const std::string caller(1, static_cast<char>('a' + random() % 3));
      if (random() % 3 == 0 && !all.empty()) {
        all.erase(all.begin() + random() % all.size());
      } else if (random() % 2 == 0 && !all.empty()) {
        if (!all[random() % all.size()].Grow(bytes)) continue;
      } else if (auto held = account.Take(caller, bytes); held.ok()) {
        all.push_back(*std::move(held));
      }
      ASSERT_LE(account.bytes(), limit);
      ASSERT_GE(account.bytes(), kStep * static_cast<int64_t>(all.size()) / 2);
    }
    all.clear();
    ASSERT_EQ(account.bytes(), 0);
  }
}

TEST(MemoryAccountTest, ThreadsMayTakeAndGiveBackAtOnce) {
  MemoryAccount account(Of(kMiB));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&account, i] {
      for (int n = 0; n < 2000; ++n) {
        auto held = account.Take(i % 2 == 0 ? "a" : "b", n);
        if (!held.ok()) continue;
        HeldMemory part = held->Another();
        if (part.Grow(n)) part.Shrink(n);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(account.bytes(), 0);
}

}  // namespace
}  // namespace holysheep
