#pragma once

#include "cli/batch/batch_run.h"
#include "cli/client/session.h"

namespace holysheep::cli {

// Prints what the items would cost at most, as the service estimates it, and
// asks no model.
ExitCode EstimateBatch(const Session& session, RemainingItems& items);

}  // namespace holysheep::cli
