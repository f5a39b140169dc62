#include "cli/batch/batch_progress.h"

#include <sstream>
#include <string>

#include "cli/events.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep::cli {
namespace {

using ::testing::HasSubstr;

pb::BatchResult Answered(const pb::InvokeResponse& response) {
  pb::BatchResult result;
  *result.mutable_response() = response;
  return result;
}

BatchTally Half() {
  BatchTally tally;
  tally.items = 2000;
  tally.earlier = 900;
  for (int i = 0; i < 100; ++i) tally.Add(Answered(Answer("x")));
  return tally;
}

TEST(BatchProgressTest, SaysRateTimeLeftCostAndHits) {
  EXPECT_EQ(ProgressLine(Half(), absl::Seconds(2), 0),
            "50 % 1,000/2,000 | 50/s | 0:20 left | 0.0518 USD | 0 hits");
}

TEST(BatchProgressTest, CountsHitsJoinsAndFailures) {
  BatchTally tally;
  tally.items = 4;
  pb::InvokeResponse response = Answer("x");
  response.mutable_cost()->set_total("0");
  response.set_cached(true);
  tally.Add(Answered(response));
  response.set_cached(false);
  response.mutable_cache_info()->set_outcome(pb::CacheInfo::JOINED);
  tally.Add(Answered(response));
  pb::BatchResult error;
  error.mutable_error();
  tally.Add(error);
  EXPECT_EQ(ProgressLine(tally, absl::Seconds(1), 0),
            "75 % 3/4 | 3.0/s | 0:01 left | 0.0000 USD | 2 hits | 1 failed");
}

TEST(BatchProgressTest, AmountsAreSummedExactly) {
  Money sum;
  for (int i = 0; i < 10; ++i) sum += AmountOf("0.1");
  sum += AmountOf("999999999999");
  sum += AmountOf("0.000000000001");
  EXPECT_EQ(sum.ToString(), "1000000000000.000000000001");
  EXPECT_EQ((AmountOf("-0.5") + AmountOf("0.25")).ToString(), "-0.25");
}

TEST(BatchProgressTest, WhatIsNotADecimalCountsNothing) {
  for (const char* text : {"", ".", "x", "1e3", "1.x", "0.0000000000001"}) {
    EXPECT_EQ(AmountOf(text), Money()) << text;
  }
}

TEST(BatchProgressTest, TheBarShowsTheShare) {
  EXPECT_THAT(ProgressLine(Half(), absl::Seconds(2), 4),
              HasSubstr("[##..] 50 % "));
  EXPECT_THAT(ProgressLine({}, absl::ZeroDuration(), 4),
              HasSubstr("[####] 100 % 0/0 | "));
}

class ProgressOutputTest : public ::testing::Test {
 protected:
  // What is shown after so long, nothing having been shown before.
  std::string Shown(absl::Duration after) {
    BatchProgress progress(console_, absl::UnixEpoch());
    progress.Show(Half(), absl::UnixEpoch() + after);
    return err_.str();
  }

  std::istringstream in_;
  std::ostringstream out_;
  std::ostringstream err_;
  Console console_{in_, out_, err_};
};

TEST_F(ProgressOutputTest, ATerminalIsRedrawnTenTimesASecond) {
  console_.err_is_terminal = true;
  console_.columns = 120;
  EXPECT_EQ(Shown(absl::Milliseconds(99)), "");
  EXPECT_THAT(Shown(absl::Milliseconds(100)),
              ::testing::StartsWith("\r[############............] 50 % "));
}

TEST_F(ProgressOutputTest, ALineNeverWrapsOnATerminal) {
  console_.err_is_terminal = true;
  console_.columns = 20;
  EXPECT_EQ(Shown(absl::Seconds(2)), "\r50 % 1,000/2,000 | \x1b[K");
}

TEST_F(ProgressOutputTest, ElsewhereALineComesEveryTenSeconds) {
  EXPECT_EQ(Shown(absl::Seconds(9)), "");
  EXPECT_EQ(Shown(absl::Seconds(10)),
            "50 % 1,000/2,000 | 10/s | 1:40 left | 0.0518 USD | 0 hits\n");
}

}  // namespace
}  // namespace holysheep::cli
