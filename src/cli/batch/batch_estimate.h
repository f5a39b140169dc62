#pragma once

#include "cli/batch/batch_run.h"
#include "cli/client/session.h"

namespace holysheep::cli {

// Prints the most that the items can cost, as the service estimates it. No
// model is called. Asks the service about one item after the other. An item
// that it refuses is counted, and the first one shown; kExitFailed if there is
// any.
ExitCode EstimateBatch(const Session& session, RemainingItems& items);

}  // namespace holysheep::cli
