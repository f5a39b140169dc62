#pragma once

#include "base/event_loop.h"
#include "chat/backend.h"
#include "intake/revocation.h"
#include "rpc/active_calls.h"
#include "rpc/rpc_call.h"

namespace holysheep {

// Answers one InvokeStream through `chat`: `started`, the deltas, `final`. A
// slow reader delays only its own events, which are at most one answer. Starts
// in the handler of `call`; the call then lives on the loop, while events are
// written from there and from gRPC's thread. REQUIRES: `calls` has admitted the
// call. An error of the call becomes the status of the RPC. `chat` must outlive
// it.
void StartStreamReactor(RpcCall& call, EventLoop& loop, ChatBackend& chat,
                        ActiveCalls& calls, Revocation& revocation,
                        ChatRequest request);

}  // namespace holysheep
