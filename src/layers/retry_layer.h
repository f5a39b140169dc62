#pragma once

#include <memory>

#include "absl/random/bit_gen_ref.h"
#include "absl/time/time.h"
#include "base/event_loop.h"
#include "chat/backend.h"

namespace holysheep {

struct RetryOptions {
  // Attempts for one model, the first included; a request may ask for fewer.
  int max_attempts = 3;
  absl::Duration initial_backoff = absl::Seconds(2);
  absl::Duration max_backoff = absl::Seconds(10);
  // Most of the traffic that may be retries; see RetryBudget.
  double budget_ratio = 0.2;
};

// Starts a call of `next` again when another try can succeed, unless a delta
// was passed on: waits the back-off, or what the upstream asked for, and gives
// up at once when that would end after the deadline. What is `unanswered` (see
// ErrorDetails) is tried again once without a wait, beside `max_attempts`; that
// and what follows a silent upstream is asked over a fresh connection. Retries
// after a deadline that the caller made shorter than ours have a budget of
// their own. Sets `attempts` and `queue_ms` to the sums over all attempts that
// were let in below. What is passed by reference must outlive the layer;
// `options` may change between turns of the loop.
std::unique_ptr<ChatBackend> RetryLayer(EventLoop& loop,
                                        const RetryOptions& options,
                                        absl::BitGenRef random,
                                        std::unique_ptr<ChatBackend> next);

}  // namespace holysheep
