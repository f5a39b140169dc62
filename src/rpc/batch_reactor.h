#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <memory>

#include "absl/time/time.h"
#include "base/event_loop.h"
#include "chat/backend.h"
#include "intake/request_intake.h"
#include "rpc/active_calls.h"

namespace holysheep {

// A stream of packed BatchItem and BatchResult, see wire.h: if gRPC unpacked
// the items itself, an invalid one would look like the end of the input.
using BatchReactor =
    grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>;

// The objects that a batch uses; all must outlive it. As in NodeParts.
struct BatchReactorParts {
  EventLoop& loop;
  ChatBackend& chat;
  const RequestIntake& intake;
  ActiveCalls& calls;
};

// Answers one InvokeBatch of `caller`. Starts on a gRPC thread and then lives
// on the loop, except for the validation of items. Deletes itself. REQUIRES:
// `parts.calls` has admitted the call. `deadline` is that of the RPC on the
// loop's clock, which bounds every item as well. A message that cannot be read
// fails its item, not the batch.
BatchReactor* NewBatchReactor(const BatchReactorParts& parts,
                              std::shared_ptr<const Caller> caller,
                              absl::Time deadline);

}  // namespace holysheep
