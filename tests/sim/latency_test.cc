#include "sim/latency.h"

#include <algorithm>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace holysheep::sim {
namespace {

TEST(LatencyTest, AConstantIsTheSameForEveryone) {
  const LatencyCurve curve(absl::Milliseconds(7));
  EXPECT_EQ(curve.Quantile(0), absl::Milliseconds(7));
  EXPECT_EQ(curve.Quantile(0.97), absl::Milliseconds(7));
  EXPECT_EQ(curve.Quantile(1), absl::Milliseconds(7));
}

TEST(LatencyTest, TheCurveGoesThroughItsQuantiles) {
  const auto curve = LatencyCurve::Of(kPublishedProfile);
  ASSERT_TRUE(curve.ok());
  EXPECT_EQ(curve->Quantile(0.95), absl::Milliseconds(68.7));
  EXPECT_EQ(curve->Quantile(0.99), absl::Milliseconds(112.4));
}

TEST(LatencyTest, TheCurveRises) {
  const auto curve = LatencyCurve::Of(kPublishedProfile);
  ASSERT_TRUE(curve.ok());
  EXPECT_GT(curve->Quantile(0), absl::ZeroDuration());
  for (int i = 0; i < 1000; ++i) {
    EXPECT_LT(curve->Quantile(i / 1000.0), curve->Quantile((i + 1) / 1000.0));
  }
}

TEST(LatencyTest, ADrawnSampleHasThePublishedFigures) {
  const auto curve = LatencyCurve::Of(kPublishedProfile);
  ASSERT_TRUE(curve.ok());
  std::mt19937_64 random(1);
  std::vector<double> sample(100'000);
  double sum = 0;
  for (double& ms : sample) {
    const double u = static_cast<double>(random() >> 11) * 0x1.0p-53;
    ms = absl::ToDoubleMilliseconds(curve->Quantile(u));
    sum += ms;
  }
  std::sort(sample.begin(), sample.end());
  EXPECT_NEAR(sum / 100'000, 42.3, 0.3);
  EXPECT_NEAR(sample[95'000], 68.7, 0.5);
  EXPECT_NEAR(sample[99'000], 112.4, 1.5);
}

TEST(LatencyTest, RefusesFiguresThatContradictEachOther) {
  EXPECT_FALSE(
      LatencyCurve::Of({.mean_ms = 10, .p95_ms = 5, .p99_ms = 6}).ok());
  EXPECT_FALSE(LatencyCurve::Of({.mean_ms = 1, .p95_ms = 9, .p99_ms = 8}).ok());
  EXPECT_FALSE(
      LatencyCurve::Of({.mean_ms = 1, .p95_ms = 90, .p99_ms = 95}).ok());
}

}  // namespace
}  // namespace holysheep::sim
