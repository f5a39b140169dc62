#include "layers/cache/reader_timeout.h"

#include "openai/late_error.h"

namespace holysheep {

absl::Time RunsOut(absl::Time since, absl::Duration own, absl::Duration most) {
  return own < most ? since + own : absl::InfiniteFuture();
}

absl::Status ReaderTimeout(Reason reason) {
  switch (reason) {
    case Reason::kFirstTokenTimeout:
      return Late(reason, true,
                  "the upstream did not begin its answer in time");
    case Reason::kIdleTimeout:
      return Late(reason, true, "the upstream stopped in its answer");
    default:
      return MakeError(
          Reason::kRateLimitedLocal,
          "the limits left no room within the call's timeouts.queue_ms");
  }
}

}  // namespace holysheep
