#pragma once

#include "absl/time/time.h"

namespace holysheep {

// A request without an answer for so long may have been sent over a dead path.
// A busy upstream may take as long, too; then only idle connections are lost.
inline constexpr absl::Duration kSilence = absl::Milliseconds(200);

// Sets the options that bound how long a dead path goes unnoticed on the TCP
// socket `socket`, which will be connected within `connect_timeout`: how long
// sent bytes may stay unacknowledged, and probes of an idle peer. Options that
// the kernel refuses are left as they are.
void BoundSilence(int socket, absl::Duration connect_timeout);

}  // namespace holysheep
