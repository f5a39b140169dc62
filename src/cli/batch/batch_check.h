#pragma once

#include "cli/batch/batch.h"
#include "cli/batch/batch_input.h"

namespace holysheep::cli {

// Reports what is wrong or odd in an input. Returns false if the run must end:
// the first broken line ends it, unless broken lines are to be skipped.
bool AcceptsInput(const Session& session, const BatchOptions& options,
                  const BatchSource& source, const InputSummary& input);

}  // namespace holysheep::cli
