#pragma once

#include <vector>

#include "policy/budget.h"
#include "policy/rate_limits.h"

namespace holysheep {

struct LimiterOptions {
  // All attempts together.
  RateLimits service = {.requests_per_minute = 60, .max_concurrent = 20};
  std::vector<BudgetRule> budgets = {};

  bool operator==(const LimiterOptions&) const = default;
};

}  // namespace holysheep
