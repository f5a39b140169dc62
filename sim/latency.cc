#include "sim/latency.h"

#include <algorithm>
#include <cstddef>

#include "base/errors.h"

namespace holysheep::sim {
namespace {

constexpr std::array<double, 4> kShares = {0, 0.95, 0.99, 1};

}  // namespace

LatencyCurve::LatencyCurve(absl::Duration latency) {
  points_.fill(absl::ToDoubleMilliseconds(latency));
}

absl::StatusOr<LatencyCurve> LatencyCurve::Of(const LatencyProfile& profile) {
  const double p95 = profile.p95_ms;
  const double p99 = profile.p99_ms;
  const double most = p99 + (p99 - p95);
  // The mean is the area under the quantile function: three trapezoids.
  const double tail = 0.04 * (p95 + p99) / 2 + 0.01 * (p99 + most) / 2;
  const double least = 2 * (profile.mean_ms - tail) / 0.95 - p95;
  if (!(least >= 0 && least <= p95 && p95 <= p99)) {
    return InvalidField("latency", "no curve has this mean, P95 and P99");
  }
  LatencyCurve curve;
  curve.points_ = {least, p95, p99, most};
  return curve;
}

absl::Duration LatencyCurve::Quantile(double u) const {
  u = std::clamp(u, 0.0, 1.0);
  std::size_t i = 1;
  while (i + 1 < kShares.size() && u > kShares[i]) ++i;
  const double part = (u - kShares[i - 1]) / (kShares[i] - kShares[i - 1]);
  return absl::Milliseconds(points_[i - 1] +
                            part * (points_[i] - points_[i - 1]));
}

}  // namespace holysheep::sim
