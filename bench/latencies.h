#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

// What the load generators measure with.
namespace holysheep::bench {

using Clock = std::chrono::steady_clock;

inline double MicrosSince(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start)
      .count();
}

// The value below which `share` (0 to 1) of the values lie; 0 of none. Leaves
// the values in another order.
inline double Percentile(std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  const auto nth =
      values.begin() + static_cast<std::ptrdiff_t>(
                           share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

}  // namespace holysheep::bench
