#pragma once

#include <memory>

#include "absl/time/time.h"
#include "base/event_loop.h"
#include "chat/backend.h"
#include "chat/call_sink.h"

namespace holysheep {

// Measures each call of `next` from its arrival, sets `latency_ms`,
// `first_token_ms`, `request_id` and `routing`, and reports the call to `sink`.
// The outermost layer. On the loop only. A call whose caller leaves is reported
// as CANCELLED. An answer goes on when `sink` has kept its record, or ends as
// TOTAL_TIMEOUT at the call's deadline; its pieces, and errors, wait for
// nothing. If `sink` has no room, a call ends with QUEUE_FULL. `sink` must
// outlive the layer.
std::unique_ptr<ChatBackend> MeteringLayer(EventLoop& loop, CallSink& sink,
                                           std::unique_ptr<ChatBackend> next);

// The same for an answer that did not pass through the layers. The caller waits
// for the record. Thread-safe, if `sink` is.
void MeterAnswer(CallSink& sink, const ChatRequest& request, absl::Time now,
                 Answer& answer);

}  // namespace holysheep
