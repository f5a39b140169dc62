#pragma once

#include <limits>

namespace holysheep {

// Returns a + b, or the largest number of the type where that is less.
// REQUIRES: neither is negative.
template <typename Integer>
constexpr Integer CappedSum(Integer a, Integer b) {
  constexpr Integer kMost = std::numeric_limits<Integer>::max();
  return a > kMost - b ? kMost : a + b;
}

}  // namespace holysheep
