#pragma once

#include "base/event_loop.h"
#include "chat/backend.h"
#include "rpc/active_calls.h"
#include "rpc/rpc_context.h"

namespace holysheep {

// Answers one InvokeStream through `chat`: `started`, the deltas, `final`. A
// slow reader delays only its own events, which are at most one answer. Starts
// on a gRPC thread; the call then lives on the loop, while events are written
// from either. Deletes itself. REQUIRES: `calls` has admitted the call. An
// error of the call becomes the status of the RPC. `chat` must outlive it.
WriteReactor* NewStreamReactor(EventLoop& loop, ChatBackend& chat,
                               ActiveCalls& calls, ChatRequest request);

}  // namespace holysheep
