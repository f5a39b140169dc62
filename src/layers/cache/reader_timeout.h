#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/reasons.h"

namespace holysheep {

// Returns when a reader's patience of `own` runs out that began at `since`;
// never if it is not less than `most`, which the flight has.
absl::Time RunsOut(absl::Time since, absl::Duration own, absl::Duration most);

// Returns the error of a reader of a flight whose own patience has run out:
// FIRST_TOKEN_TIMEOUT, IDLE_TIMEOUT, or RATE_LIMITED_LOCAL for the wait for the
// limits. It says nothing about the upstream, since others still wait. Pure.
absl::Status ReaderTimeout(Reason reason);

}  // namespace holysheep
