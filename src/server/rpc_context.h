#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/event_loop.h"
#include "server/caller.h"

// What the RPC handlers need to know of gRPC's own context.
namespace holysheep {

// The values of `name` among what the client sent, or of kPeerName. Valid while
// `context` is.
MetadataValues FindMetadata(const grpc::CallbackServerContext& context,
                            absl::string_view name);

// The client's deadline on the loop's clock; infinite if there is none.
absl::Time DeadlineOf(const grpc::CallbackServerContext& context,
                      const EventLoop& loop);

// Ends a unary call at once.
grpc::ServerUnaryReactor* FinishNow(grpc::CallbackServerContext& context,
                                    const absl::Status& status);

// Streams its events in their packed form, see packed.h.
using WriteReactor = grpc::ServerWriteReactor<grpc::ByteBuffer>;

// Ends a streamed call at once, with an error.
WriteReactor* RefuseStream(const grpc::Status& status);

// What a call gets while the service drains.
absl::Status DrainingError();

}  // namespace holysheep
