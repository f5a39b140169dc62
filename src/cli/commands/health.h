#pragma once

#include "absl/time/time.h"
#include "cli/client/session.h"

namespace holysheep::cli {

// `health`: returns kExitOk only if the service is serving. Asks repeatedly for
// up to `wait`; zero asks once.
ExitCode RunHealth(const Session& session, absl::Duration wait);

}  // namespace holysheep::cli
