#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace holysheep {

// The limits that can refuse an attempt.
enum class Limit {
  kMaxConcurrent,
  kBudgets,
  kRequestsPerMinute,
  kTokensPerMinute,
};

// As configured, in the order of Limit.
inline constexpr std::array<absl::string_view, 4> kLimitNames = {
    "max_concurrent", "budgets", "requests_per_minute", "tokens_per_minute"};

// As configured, such as `max_concurrent`. Clients see it as `limit` in
// QuotaFailure.
constexpr absl::string_view LimitName(Limit limit) {
  return kLimitNames[static_cast<size_t>(limit)];
}

// How much of the upstream a service, a model, a caller or an app may use. 0
// removes a limit. A value. What is counted a minute is listed in
// quota_request.h, too.
struct RateLimits {
  // Attempts and tokens in any 60 s.
  int64_t requests_per_minute = 0;
  int64_t tokens_per_minute = 0;
  // Attempts under way at once.
  int64_t max_concurrent = 0;

  bool operator==(const RateLimits&) const = default;
};

}  // namespace holysheep
