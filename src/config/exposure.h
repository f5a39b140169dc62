#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "config/config.h"

namespace holysheep::config {

// Says in words which protection the port for calls lacks: TLS, authentication
// of callers, or both. `listening` gives the address and the TLS settings,
// `auth` the tokens. Empty if nothing is missing, or only this machine can
// reach the port. Client certificates authenticate as tokens do. Pure.
std::string MissingProtection(const Config& listening, const AuthConfig& auth);

// The warning for the log about `missing`, a result of MissingProtection.
std::string ExposureWarning(absl::string_view missing);

// Whether a service that was started with `started`, and now uses the tokens of
// `current`, may adopt `wanted`. The port, its TLS and its demand for client
// certificates stay as they were at the start; so that port has to be protected
// by the authentication that `wanted` asks for. Returns INVALID_ARGUMENT and
// says what would be missing. If `auth.allow_insecure` permits it nevertheless,
// adds a warning to `wanted`.
absl::Status CheckReload(const Config& started, const AuthConfig& current,
                         Config& wanted);

}  // namespace holysheep::config
