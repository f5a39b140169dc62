#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/client/exit_code.h"
#include "cli/terminal/console.h"

namespace holysheep::cli {

// The options of `token new`.
struct TokenNewOptions {
  // The name of the caller, for logs and metrics. 1 to 256 bytes without
  // surrounding blanks; so is the scope, unless it is empty.
  std::string name;
  // Some of `invoke` and `admin`; if empty, `invoke`.
  std::vector<std::string> roles;
  // Callers with the same scope share cached answers; if empty, the caller
  // shares none.
  std::string scope;
  // In any 60 s; 0 is unlimited.
  int64_t requests_per_minute = 0;
  int64_t tokens_per_minute = 0;
};

// `token new`: creates a token of 256 random bits. Prints it, and its entry for
// `auth.tokens` in the service's configuration, which holds only the SHA-256.
// Explains both on `err`. kExitUsage for a name that the service would refuse,
// kExitFailed if the system has no random numbers or `out` cannot be written.
ExitCode RunTokenNew(const Console& console, const TokenNewOptions& options);

}  // namespace holysheep::cli
