#pragma once

#include <string>

#include "policy/rate_limits.h"

namespace holysheep {

// An app that callers name in `caller.app_id`, such as a Dify app. An entry of
// the configuration's `apps`, whose limits hold for each caller's calls apart.
struct AppOptions {
  std::string id;
  // For people; empty if it is the same.
  std::string name = {};
  RateLimits limits = {};

  bool operator==(const AppOptions&) const = default;
};

}  // namespace holysheep
