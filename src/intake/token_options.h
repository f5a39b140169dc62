#pragma once

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "policy/rate_limits.h"

namespace holysheep {

// The beginning of a caller's name that is the name of a client's certificate.
inline constexpr absl::string_view kCertificateKind = "cert:";

// Someone who may call: who has the token or, if the name is `cert:NAME`, the
// certificate of that name.
struct TokenOptions {
  std::string name;
  // The SHA-256 of the token, 64 hex digits; none for a certificate.
  std::string sha256 = {};
  bool may_invoke = true;
  bool may_administer = false;
  // Callers of the same scope share cached answers. Empty is `name`.
  std::string scope = {};
  RateLimits limits = {};

  bool IsCertificate() const {
    return absl::StartsWith(name, kCertificateKind);
  }

  bool operator==(const TokenOptions&) const = default;
};

}  // namespace holysheep
