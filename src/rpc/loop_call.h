#pragma once

#include <grpcpp/support/server_callback.h>

#include "absl/functional/any_invocable.h"
#include "base/event_loop.h"
#include "rpc/active_calls.h"

namespace holysheep {

// Runs `answer` on the loop and ends the call. For unary calls that read
// objects of the loop. REQUIRES: `calls` has admitted the call. `answer` writes
// the response, which belongs to gRPC and lives until the call has ended; it
// must not block, and cannot fail. If the client has left, it runs all the
// same. Deletes itself.
grpc::ServerUnaryReactor* AnswerOnLoop(EventLoop& loop, ActiveCalls& calls,
                                       absl::AnyInvocable<void()> answer);

}  // namespace holysheep
