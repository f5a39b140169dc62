#pragma once

#include <string>

#include "policy/rate_limits.h"

namespace holysheep {

// Someone who may call.
struct TokenOptions {
  std::string name;
  // The SHA-256 of the token, 64 hex digits.
  std::string sha256;
  bool may_invoke = true;
  bool may_administer = false;
  // Callers of the same scope share cached answers. Empty is `name`.
  std::string scope = {};
  RateLimits limits = {};

  bool operator==(const TokenOptions&) const = default;
};

}  // namespace holysheep
