#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include "base/event_loop.h"
#include "chat/backend.h"
#include "rpc/active_calls.h"

namespace holysheep {

// Answers one Invoke through `chat`. Enters on a gRPC thread, then lives and
// dies on the loop; deletes itself. REQUIRES: `calls` has let the call in.
grpc::ServerUnaryReactor* NewUnaryReactor(EventLoop& loop, ChatBackend& chat,
                                          ActiveCalls& calls,
                                          ChatRequest request,
                                          grpc::ByteBuffer* response);

}  // namespace holysheep
