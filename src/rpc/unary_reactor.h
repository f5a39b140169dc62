#pragma once

#include "base/event_loop.h"
#include "chat/backend.h"
#include "rpc/active_calls.h"
#include "rpc/rpc_call.h"

namespace holysheep {

// Answers one Invoke through `chat`. Starts in the handler of `call` and then
// lives on the loop. REQUIRES: `calls` has admitted the call. The answer is
// collected in the reactor and serialized at its end. `chat` must outlive it.
void StartUnaryReactor(RpcCall& call, EventLoop& loop, ChatBackend& chat,
                       ActiveCalls& calls, ChatRequest request);

}  // namespace holysheep
