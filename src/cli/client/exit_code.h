#pragma once

#include "absl/status/status.h"

namespace holysheep::cli {

// What the program ends with. Part of the contract with scripts: never
// renumber.
enum ExitCode : int {
  kExitOk = 0,
  kExitFailed = 1,        // the call failed
  kExitUsage = 2,         // wrong arguments or settings
  kExitUnreachable = 3,   // no service at the address
  kExitLimited = 4,       // RESOURCE_EXHAUSTED
  kExitDeadline = 5,      // DEADLINE_EXCEEDED
  kExitInterrupted = 130  // Ctrl-C or SIGTERM, as shells have it
};

// For how a call ended. An UNAVAILABLE that the service itself sent (such as
// DRAINING) is a failed call; one without its details is a lost connection. A
// message that is too large (RESOURCE_EXHAUSTED for the reason
// INVALID_ARGUMENT) is a failed call as well: waiting does not help.
ExitCode ExitCodeFor(const absl::Status& status);

}  // namespace holysheep::cli
