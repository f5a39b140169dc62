#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/event_loop.h"
#include "intake/caller.h"

// Access to gRPC's context for the RPC handlers.
namespace holysheep {

// Returns the values of the client's metadata `name`, or of kPeerName. Valid as
// long as `context`. `name` is in lower case, as HTTP/2 demands. Empty if the
// client sent none. Of a certificate only the first name counts.
MetadataValues FindMetadata(const grpc::CallbackServerContext& context,
                            absl::string_view name);

// Returns the client's deadline on the loop's clock; infinite without one. gRPC
// counts on the wall clock, which may jump; the loop's does not.
absl::Time DeadlineOf(const grpc::CallbackServerContext& context,
                      const EventLoop& loop);

// Ends a unary call at once. `status` may be OK; the response must then have
// been written.
grpc::ServerUnaryReactor* FinishNow(grpc::CallbackServerContext& context,
                                    const absl::Status& status);

// Streams packed events, see wire.h.
using WriteReactor = grpc::ServerWriteReactor<grpc::ByteBuffer>;

// Ends a streamed call with an error at once. `Reactor` is one of
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

// The error of calls that arrive while the service drains. Its reason is
// DRAINING, on which clients turn to another instance.
absl::Status DrainingError();

}  // namespace holysheep
