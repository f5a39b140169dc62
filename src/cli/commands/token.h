#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/client/exit_code.h"
#include "cli/terminal/console.h"

namespace holysheep::cli {

struct TokenNewOptions {
  // Of who gets the token, in logs and metrics.
  std::string name;
  // Of `invoke` and `admin`; none is `invoke`.
  std::vector<std::string> roles;
  // Whose cached answers are shared; empty is nobody else's.
  std::string scope;
  // In any 60 s; 0 is no limit.
  int64_t requests_per_minute = 0;
  int64_t tokens_per_minute = 0;
};

// Makes a token of 256 random bits. Prints it, and then its entry in
// `auth.tokens` of the service's configuration, which has its SHA-256 only;
// what to do with the two is said on `err`.
ExitCode RunTokenNew(const Console& console, const TokenNewOptions& options);

}  // namespace holysheep::cli
