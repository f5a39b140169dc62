#pragma once

#include <memory>

#include "absl/random/bit_gen_ref.h"
#include "absl/time/time.h"
#include "base/event_loop.h"
#include "chat/backend.h"

namespace holysheep {

// Settings of retries.
struct RetryOptions {
  // The most attempts for one model, including the first; a request may ask for
  // fewer.
  int max_attempts = 3;
  absl::Duration initial_backoff = absl::Seconds(2);
  absl::Duration max_backoff = absl::Seconds(10);
  // The largest share of the traffic that may be retries; see RetryBudget.
  double budget_ratio = 0.2;
};

// Repeats a call of `next` if another attempt can succeed and no delta has been
// passed on. Waits for the back-off, or for as long as the upstream asked, and
// gives up at once if that would exceed the deadline. An `unanswered` attempt
// (see ErrorDetails) is repeated once without a wait, in addition to
// `max_attempts`; that attempt, and the ones after a silent upstream, use a
// fresh connection. Retries after a deadline that the caller made shorter than
// ours have a budget of their own. Sets `attempts` and `queue_ms` to the sums
// over all attempts that were admitted. The arguments must outlive the layer;
// `options` may change between turns of the loop. Loop thread only.
std::unique_ptr<ChatBackend> RetryLayer(EventLoop& loop,
                                        const RetryOptions& options,
                                        absl::BitGenRef random,
                                        std::unique_ptr<ChatBackend> next);

}  // namespace holysheep
