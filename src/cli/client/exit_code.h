#pragma once

#include "absl/status/status.h"

namespace holysheep::cli {

// The exit code of the program. Scripts depend on it: never renumber.
enum ExitCode : int {
  kExitOk = 0,
  kExitFailed = 1,        // the call failed
  kExitUsage = 2,         // wrong arguments or settings
  kExitUnreachable = 3,   // no service at the address
  kExitLimited = 4,       // RESOURCE_EXHAUSTED
  kExitDeadline = 5,      // DEADLINE_EXCEEDED
  kExitInterrupted = 130  // Ctrl-C or SIGTERM, as shells do
};

// Returns the exit code for the end of a call. An UNAVAILABLE from the service
// itself (such as DRAINING) is a failed call; one without details is a lost
// connection. A message that is too large (RESOURCE_EXHAUSTED with the reason
// INVALID_ARGUMENT) is a failed call too, since waiting does not help. Never
// kExitUsage or kExitInterrupted, which only the program itself knows. Pure.
ExitCode ExitCodeFor(const absl::Status& status);

}  // namespace holysheep::cli
