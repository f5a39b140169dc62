#pragma once

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
  // Reserved until the real use is known. Prompt and the longest answer, by an
  // estimate.
  int64_t tokens = 0;
  Money cost;
  // All but the service's, which the limiter knows itself. A gate without
  // limits lets everything pass, but tells those behind what is ahead of them.
  absl::InlinedVector<Gate, 2> gates;
};

}  // namespace holysheep
