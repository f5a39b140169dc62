#pragma once

#include <array>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace holysheep::sim {

// Three figures of a latency distribution, in milliseconds.
struct LatencyProfile {
  double mean_ms = 0;
  double p95_ms = 0;
  double p99_ms = 0;
};

// The figures that others have published for this kind of node.
inline constexpr LatencyProfile kPublishedProfile = {42.3, 68.7, 112.4};

// A distribution of latencies, given by its quantile function: straight lines
// between four points. A value.
class LatencyCurve {
 public:
  // A latency of zero.
  LatencyCurve() : LatencyCurve(absl::ZeroDuration()) {}
  // A constant latency.
  explicit LatencyCurve(absl::Duration latency);

  // The curve with exactly these three figures: a straight line from the
  // minimum to the P95, another to the P99, and a last one of the same height
  // up to the maximum. The mean determines the minimum. (A log-normal
  // distribution cannot have the published figures: with their P95 and P99 its
  // mean is 27 ms.) Returns INVALID_ARGUMENT if the curve would be negative or
  // falling.
  static absl::StatusOr<LatencyCurve> Of(const LatencyProfile& profile);

  // The latency that a share `u`, from 0 to 1, of the calls does not exceed.
  absl::Duration Quantile(double u) const;

 private:
  // In milliseconds, at the shares 0, 0.95, 0.99 and 1.
  std::array<double, 4> points_;
};

}  // namespace holysheep::sim
