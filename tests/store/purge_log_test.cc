#include "store/purge_log.h"

#include "gtest/gtest.h"

namespace holysheep {
namespace {

TEST(PurgeLogTest, APurgeReachesWhatItNamesIfThatBeganBefore) {
  PurgeLog log;
  EXPECT_FALSE(log.HasReached(0, "m", "n"));
  log.AddModel("m");
  EXPECT_TRUE(log.HasReached(0, "m", "n"));
  EXPECT_FALSE(log.HasReached(0, "other", "n"));
  EXPECT_FALSE(log.HasReached(log.count(), "m", "n"));
  log.AddNamespace("n");
  EXPECT_TRUE(log.HasReached(1, "other", "n"));
  EXPECT_FALSE(log.HasReached(1, "m", ""));
  log.AddAll();
  EXPECT_TRUE(log.HasReached(2, "other", "other"));
  EXPECT_EQ(log.count(), 3);
}

TEST(PurgeLogTest, WhatIsForgottenIsAssumedToHaveReachedEverything) {
  PurgeLog log;
  log.AddModel("a");
  const int64_t first = log.count();
  for (size_t i = 0; i < PurgeLog::kRemembered; ++i) log.AddModel("b");
  EXPECT_FALSE(log.HasReached(first, "m", ""));
  log.AddModel("b");
  EXPECT_TRUE(log.HasReached(first, "m", ""));
  EXPECT_FALSE(log.HasReached(first + 1, "m", ""));
}

}  // namespace
}  // namespace holysheep
