#pragma once

#include "absl/time/time.h"

namespace holysheep {

// Ends the process with status 1 once `patience` is over, if it still runs,
// whatever its threads wait for. What the ledger has been told is in its file
// by then, and nothing else has to be saved. Uses SIGALRM.
void EndAtLast(absl::Duration patience);

}  // namespace holysheep
