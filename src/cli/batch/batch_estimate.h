#pragma once

#include "cli/batch/batch_run.h"
#include "cli/client/session.h"

namespace holysheep::cli {

// Prints the most that the items can cost, as the service estimates it. No
// model is called.
ExitCode EstimateBatch(const Session& session, RemainingItems& items);

}  // namespace holysheep::cli
