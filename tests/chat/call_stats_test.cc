#include "chat/call_stats.h"

#include <thread>
#include <vector>

#include "base/errors.h"
#include "gtest/gtest.h"
#include "support/requests.h"

namespace holysheep {
namespace {

void RecordAnswer(CallStats& stats, pb::CacheInfo::Outcome outcome) {
  pb::InvokeResponse response;
  response.mutable_cache_info()->set_outcome(outcome);
  stats.Record(
      {MakeRequest(), absl::OkStatus(), &response, absl::Milliseconds(1)});
}

void RecordError(CallStats& stats, const absl::Status& error) {
  stats.Record({MakeRequest(), error, nullptr, absl::Milliseconds(1)});
}

TEST(CallStatsTest, CountsCallsByWhatBecameOfThem) {
  CallStats stats;
  RecordAnswer(stats, pb::CacheInfo::MISS);
  for (int i = 0; i < 2; ++i) RecordAnswer(stats, pb::CacheInfo::HIT);
  for (int i = 0; i < 3; ++i) RecordAnswer(stats, pb::CacheInfo::JOINED);
  for (int i = 0; i < 4; ++i) RecordAnswer(stats, pb::CacheInfo::STALE);
  RecordAnswer(stats, pb::CacheInfo::BYPASSED);
  RecordError(stats, MakeError(Reason::kUpstream5xx, "down"));
  RecordError(stats, absl::CancelledError("left"));
  const CallStats::Counts counts = stats.Read();
  EXPECT_EQ(counts.calls, 13);
  EXPECT_EQ(counts.misses, 1);
  EXPECT_EQ(counts.hits, 2);
  EXPECT_EQ(counts.joins, 3);
  EXPECT_EQ(counts.stale, 4);
  EXPECT_EQ(counts.errors, 2);
}

TEST(CallStatsTest, AMissThatWasAskedForIsAMissAndAnError) {
  CallStats stats;
  RecordError(stats, MakeError(Reason::kCacheMiss, "not cached"));
  EXPECT_EQ(stats.Read().misses, 1);
  EXPECT_EQ(stats.Read().errors, 1);
}

TEST(CallStatsTest, ThreadsMayCountTogether) {
  CallStats stats;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&stats] {
      for (int j = 0; j < 100; ++j) RecordAnswer(stats, pb::CacheInfo::HIT);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(stats.Read().hits, 400);
}

}  // namespace
}  // namespace holysheep
