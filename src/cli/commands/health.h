#pragma once

#include "absl/time/time.h"
#include "cli/client/session.h"

namespace holysheep::cli {

// `health`: returns kExitOk only if the service is serving. Asks repeatedly for
// up to `wait`; zero asks once. Gives up at once on an error that time does not
// mend, such as a certificate's. Prints SERVING or NOT_SERVING. Needs no token.
ExitCode RunHealth(const Session& session, absl::Duration wait);

}  // namespace holysheep::cli
