#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/event_loop.h"
#include "intake/caller.h"

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

// Streams its events in their packed form, see wire.h.
using WriteReactor = grpc::ServerWriteReactor<grpc::ByteBuffer>;

// Ends a streamed call at once, with an error. `Reactor` is one of
// grpc::Server...Reactor.
template <typename Reactor>
Reactor* Refuse(const grpc::Status& status) {
  class Refusal final : public Reactor {
   public:
    explicit Refusal(const grpc::Status& error) { this->Finish(error); }
    void OnDone() override { delete this; }
  };
  return new Refusal(status);
}

// What a call gets while the service drains.
absl::Status DrainingError();

}  // namespace holysheep
