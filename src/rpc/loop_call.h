#pragma once

#include "absl/functional/any_invocable.h"
#include "base/event_loop.h"
#include "chat/call_sink.h"
#include "rpc/active_calls.h"
#include "rpc/rpc_call.h"

namespace holysheep {

// Runs `answer` on the loop and ends the call. For unary calls that read
// objects of the loop. Called by the handler of `call`. REQUIRES: `calls` has
// admitted the call. `answer` writes the call's response; it must not block,
// and cannot fail. If the client has left, it runs all the same.
void AnswerOnLoop(RpcCall& call, EventLoop& loop, ActiveCalls& calls,
                  absl::AnyInvocable<void()> answer);

// Ends the call with OK once `sink` has kept what was recorded. For unary calls
// whose response is there. Called by the handler of `call`, and ends it on the
// sink's thread. REQUIRES: `calls` has admitted the call.
void FinishWhenKept(RpcCall& call, CallSink& sink, ActiveCalls& calls);

}  // namespace holysheep
