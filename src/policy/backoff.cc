#include "policy/backoff.h"

#include <algorithm>
#include <cmath>

#include "absl/random/distributions.h"

namespace holysheep {
namespace {

// Far beyond any wait, and small enough that the duration does not overflow.
constexpr int kMaxDoublings = 60;

}  // namespace

absl::Duration Backoff(int retry, absl::Duration initial, absl::Duration max,
                       absl::BitGenRef random) {
  const int doublings = std::clamp(retry - 1, 0, kMaxDoublings);
  const absl::Duration longest =
      std::min(initial * std::ldexp(1.0, doublings), max);
  return longest * absl::Uniform(absl::IntervalClosed, random, 0.5, 1.0);
}

}  // namespace holysheep
