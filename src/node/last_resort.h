#pragma once

#include "absl/time/time.h"

namespace holysheep {

// Ends the process with status 1 after `patience`, if it still runs, whatever
// its threads wait for. All records of the ledger are in its file by then, and
// nothing else has to be saved. Uses SIGALRM. Called once, when the drain
// begins: a defect or a library that hangs must not keep an orchestrator
// waiting. Tries to write a line to the log.
void EndAtLast(absl::Duration patience);

}  // namespace holysheep
