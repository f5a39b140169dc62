#pragma once

#include <memory>

#include "absl/random/bit_gen_ref.h"
#include "base/event_loop.h"
#include "chat/backend.h"
#include "layers/layer_options.h"

namespace holysheep {

// Repeats a call of `next` if another attempt can succeed and no delta has been
// passed on; not after a first-token timeout where another model can be asked.
// Waits for the back-off, or for as long as the upstream asked, and
// gives up at once if that would exceed the deadline. An `unanswered` attempt
// (see ErrorDetails) is repeated once without a wait, in addition to
// `max_attempts`; that attempt, and the ones after a silent upstream, use a
// fresh connection. Retries after a deadline that the caller made shorter than
// ours have a budget of their own. Sets `attempts` and `queue_ms` to the sums
// over all attempts that were admitted. The arguments must outlive the layer;
// `options` may change between turns of the loop. On the loop only.
std::unique_ptr<ChatBackend> RetryLayer(EventLoop& loop,
                                        const RetryOptions& options,
                                        absl::BitGenRef random,
                                        std::unique_ptr<ChatBackend> next);

}  // namespace holysheep
