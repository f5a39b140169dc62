#pragma once

#include <cstdint>

namespace holysheep {

// How much of the upstream a service, a model or a caller may use. 0 removes a
// limit. A value.
struct RateLimits {
  // Attempts and tokens in any 60 s.
  int64_t requests_per_minute = 0;
  int64_t tokens_per_minute = 0;
  // Attempts under way at once.
  int64_t max_concurrent = 0;

  bool operator==(const RateLimits&) const = default;
};

}  // namespace holysheep
