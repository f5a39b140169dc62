#pragma once

#include "absl/time/time.h"
#include "cli/client/session.h"

namespace holysheep::cli {

// `health`: 0 only if the service is serving. Asks again for as long as `wait`
// before it gives up; zero asks once.
ExitCode RunHealth(const Session& session, absl::Duration wait);

}  // namespace holysheep::cli
