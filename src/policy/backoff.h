#pragma once

#include "absl/random/bit_gen_ref.h"
#include "absl/time/time.h"

namespace holysheep {

// How long to wait before retry number `retry` (1, 2, ...): `initial`, doubled
// for each further retry, at most `max`. A random half of that is subtracted,
// so that callers who failed together do not return together. Pure but for
// `random`. So the result lies between half of the full wait and all of it.
absl::Duration Backoff(int retry, absl::Duration initial, absl::Duration max,
                       absl::BitGenRef random);

}  // namespace holysheep
