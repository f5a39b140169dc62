#pragma once

#include <array>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace holysheep::sim {

// How a latency is distributed, as three figures in milliseconds.
struct LatencyProfile {
  double mean_ms = 0;
  double p95_ms = 0;
  double p99_ms = 0;
};

// What others have published for this kind of node.
inline constexpr LatencyProfile kPublishedProfile = {42.3, 68.7, 112.4};

// A distribution of latencies, given by its quantile function: straight lines
// between a few points. A value.
class LatencyCurve {
 public:
  // Always zero.
  LatencyCurve() : LatencyCurve(absl::ZeroDuration()) {}
  // Always `latency`.
  explicit LatencyCurve(absl::Duration latency);

  // The curve that has exactly these three figures: a straight line from the
  // least latency to the P95, another to the P99, and a last one as much higher
  // again at the maximum. The mean settles the least latency. (No log-normal
  // fits the published figures: with their P95 and P99 its mean is 27 ms.)
  // INVALID_ARGUMENT where that gives a negative or falling curve.
  static absl::StatusOr<LatencyCurve> Of(const LatencyProfile& profile);

  // The latency that a share `u`, 0 to 1, of the calls stays below.
  absl::Duration Quantile(double u) const;

 private:
  // In milliseconds, at the shares 0, 0.95, 0.99 and 1.
  std::array<double, 4> points_;
};

}  // namespace holysheep::sim
