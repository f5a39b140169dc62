#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/container/inlined_vector.h"
#include "policy/limit_subject.h"
#include "policy/money.h"
#include "policy/rate_limits.h"

namespace holysheep {

// The limits of one subject, which an attempt has to keep to.
struct Gate {
  Subject subject;
  RateLimits limits;
};

// What one upstream attempt asks of the limits. Made by layers/quota.cc for
// each attempt.
struct QuotaRequest {
  // On whose account, for the budgets.
  std::string model;
  std::string caller;
  std::string app;
  int64_t requests = 1;
  // Reserved until the real use is known. Prompt and the longest answer, by an
  // estimate.
  int64_t tokens = 0;
  Money cost;
  // All but the service's, which the limiter knows itself. A gate without
  // limits lets everything pass, but tells those behind what is ahead of them.
  absl::InlinedVector<Gate, 3> gates;
};

// Something that is counted a minute: its name, who limits it, what an attempt
// asks of it, and the largest limit that may be configured.
struct Rate {
  Limit limit;
  int64_t RateLimits::*per_minute;
  int64_t QuotaRequest::*asked;
  int64_t largest;
};

inline constexpr std::array<Rate, 2> kRates = {{
    {Limit::kRequestsPerMinute, &RateLimits::requests_per_minute,
     &QuotaRequest::requests, 1'000'000'000},
    {Limit::kTokensPerMinute, &RateLimits::tokens_per_minute,
     &QuotaRequest::tokens, 1'000'000'000'000},
}};
// The one whose amount is an estimate, corrected at the end of the attempt.
inline constexpr size_t kTokenRate = 1;
static_assert(kRates[kTokenRate].asked == &QuotaRequest::tokens);

}  // namespace holysheep
