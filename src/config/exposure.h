#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "config/config.h"

namespace holysheep::config {

// What the port for calls lacks if other machines can reach it as `listening`
// says, and callers are known as `auth` says: TLS, callers' authentication, or
// both, in words. Empty if it lacks nothing, or only this machine reaches it.
std::string MissingProtection(const Config& listening, const AuthConfig& auth);

// The warning about that.
std::string ExposureWarning(absl::string_view missing);

// Whether a service that was started with `started`, and goes by the tokens of
// `current` now, may take up `wanted`. Its port stays as it was started, with
// that TLS and that demand for certificates, until a restart; so it is that
// port which must be protected by what `wanted` says of callers. Adds to the
// warnings of `wanted` if it only may because of `auth.allow_insecure`. The
// error is INVALID_ARGUMENT and says what would be missing.
absl::Status CheckReload(const Config& started, const AuthConfig& current,
                         Config& wanted);

}  // namespace holysheep::config
