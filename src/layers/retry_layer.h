#pragma once

#include <memory>

#include "absl/random/bit_gen_ref.h"
#include "base/event_loop.h"
#include "chat/backend.h"
#include "layers/layer_options.h"

namespace holysheep {

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
