#pragma once

#include <grpcpp/support/server_callback.h>

#include "absl/functional/any_invocable.h"
#include "base/event_loop.h"
#include "rpc/active_calls.h"

namespace holysheep {

// Runs `answer` on the loop and ends the call. For unary calls that look at
// what lives there. REQUIRES: `calls` has let the call in.
grpc::ServerUnaryReactor* AnswerOnLoop(EventLoop& loop, ActiveCalls& calls,
                                       absl::AnyInvocable<void()> answer);

}  // namespace holysheep
