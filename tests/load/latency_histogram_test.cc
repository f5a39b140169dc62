#include "load/latency_histogram.h"

#include "gtest/gtest.h"

namespace holysheep::load {
namespace {

// The value that is known to 0.4 %.
void ExpectAbout(absl::Duration value, absl::Duration expected) {
  EXPECT_GE(value, expected * 0.996);
  EXPECT_LE(value, expected * 1.004);
}

TEST(LatencyHistogramTest, AnEmptyOneIsAllZero) {
  const LatencyHistogram times;
  EXPECT_EQ(times.Mean(), absl::ZeroDuration());
  EXPECT_EQ(times.Percentile(99), absl::ZeroDuration());
  EXPECT_TRUE(times.Bins(10).empty());
}

TEST(LatencyHistogramTest, OneValueIsEveryPercentile) {
  LatencyHistogram times;
  times.Add(absl::Nanoseconds(1'234'567));
  for (const double percent : {0.1, 50.0, 99.0, 100.0}) {
    EXPECT_EQ(times.Percentile(percent), absl::Nanoseconds(1'234'567));
  }
}

TEST(LatencyHistogramTest, PercentilesAreTheNearestRanks) {
  LatencyHistogram times;
  for (int i = 100; i >= 1; --i) times.Add(absl::Milliseconds(i));
  EXPECT_EQ(times.count(), 100);
  EXPECT_EQ(times.min(), absl::Milliseconds(1));
  EXPECT_EQ(times.max(), absl::Milliseconds(100));
  EXPECT_EQ(times.Mean(), absl::Microseconds(50'500));
  ExpectAbout(times.Percentile(50), absl::Milliseconds(50));
  ExpectAbout(times.Percentile(95), absl::Milliseconds(95));
  ExpectAbout(times.Percentile(99), absl::Milliseconds(99));
  EXPECT_EQ(times.Percentile(100), absl::Milliseconds(100));
}

TEST(LatencyHistogramTest, EveryMagnitudeKeepsItsPrecision) {
  for (absl::Duration value = absl::Nanoseconds(3); value < absl::Hours(1);
       value *= 1.7) {
    LatencyHistogram times;
    times.Add(absl::ZeroDuration());
    times.Add(value);
    times.Add(absl::Hours(1));
    const absl::Duration whole = absl::Floor(value, absl::Nanoseconds(1));
    EXPECT_GE(times.Percentile(50), whole);
    EXPECT_LE(times.Percentile(50), whole * 1.004);
  }
}

TEST(LatencyHistogramTest, ValuesBeyondItsRangeAreKeptAtItsEnds) {
  LatencyHistogram times;
  times.Add(-absl::Seconds(1));
  times.Add(absl::Hours(100));
  EXPECT_EQ(times.min(), absl::ZeroDuration());
  EXPECT_EQ(times.max(), absl::Hours(100));
  EXPECT_GE(times.Percentile(100), absl::Hours(1));
}

TEST(LatencyHistogramTest, OneCanBeAddedToAnother) {
  LatencyHistogram times;
  LatencyHistogram more;
  times.Add(more);
  EXPECT_EQ(times.count(), 0);
  more.Add(absl::Milliseconds(3));
  times.Add(more);
  EXPECT_EQ(times.min(), absl::Milliseconds(3));
  more.Add(absl::Milliseconds(1));
  times.Add(more);
  EXPECT_EQ(times.count(), 3);
  EXPECT_EQ(times.min(), absl::Milliseconds(1));
  EXPECT_EQ(times.max(), absl::Milliseconds(3));
  EXPECT_EQ(times.Mean(), absl::Milliseconds(7) / 3);
  ExpectAbout(times.Percentile(50), absl::Milliseconds(3));
}

TEST(LatencyHistogramTest, BinsHoldEverythingOnceInOrder) {
  LatencyHistogram times;
  for (int i = 1; i <= 1000; ++i) times.Add(absl::Microseconds(i));
  const auto bins = times.Bins(16);
  ASSERT_EQ(bins.size(), 16u);
  EXPECT_EQ(bins.front().from, times.min());
  EXPECT_EQ(bins.back().to, times.max());
  int64_t all = 0;
  for (size_t i = 0; i < bins.size(); ++i) {
    all += bins[i].count;
    EXPECT_LT(bins[i].from, bins[i].to);
    if (i == 0) continue;
    EXPECT_EQ(bins[i].from, bins[i - 1].to);
  }
  EXPECT_EQ(all, 1000);
}

TEST(LatencyHistogramTest, EqualValuesNeedOneBin) {
  LatencyHistogram times;
  times.Add(absl::Milliseconds(5));
  times.Add(absl::Milliseconds(5));
  const auto bins = times.Bins(16);
  ASSERT_EQ(bins.size(), 1u);
  EXPECT_EQ(bins[0].count, 2);
}

}  // namespace
}  // namespace holysheep::load
