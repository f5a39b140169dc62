#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include "base/event_loop.h"
#include "chat/backend.h"
#include "rpc/active_calls.h"

namespace holysheep {

// Answers one Invoke through `chat`. Starts on a gRPC thread and then lives on
// the loop. Deletes itself. REQUIRES: `calls` has admitted the call. `response`
// belongs to gRPC and lives as long as the call; the answer is collected here
// and serialized at its end. `chat` must outlive it.
grpc::ServerUnaryReactor* NewUnaryReactor(EventLoop& loop, ChatBackend& chat,
                                          ActiveCalls& calls,
                                          ChatRequest request,
                                          grpc::ByteBuffer* response);

}  // namespace holysheep
