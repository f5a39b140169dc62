#include "chat/call_stats.h"

#include <thread>
#include <vector>

#include "base/errors.h"
#include "chat/answer.h"
#include "gtest/gtest.h"
#include "support/requests.h"

namespace holysheep {
namespace {

void RecordAnswer(CallStats& stats, pb::CacheInfo::Outcome outcome) {
  Answer answer;
  answer.response.mutable_cache_info()->set_outcome(outcome);
  stats.Record(
      {MakeRequest(), absl::OkStatus(), &answer, absl::Milliseconds(1)});
}

void RecordError(CallStats& stats, const absl::Status& error) {
  stats.Record({MakeRequest(), error, nullptr, absl::Milliseconds(1)});
}

TEST(CallStatsTest, CountsCallsAndThoseThatFailed) {
  CallStats stats;
  for (int i = 0; i < 3; ++i) RecordAnswer(stats, pb::CacheInfo::MISS);
  RecordError(stats, MakeError(Reason::kUpstream5xx, "down"));
  RecordError(stats, absl::CancelledError("left"));
  EXPECT_EQ(stats.Read().calls, 5);
  EXPECT_EQ(stats.Read().errors, 2);
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
  EXPECT_EQ(stats.Read().calls, 400);
}

}  // namespace
}  // namespace holysheep
