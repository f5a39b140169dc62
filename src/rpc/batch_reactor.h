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

// Of BatchItem and BatchResult in their packed form, see wire.h: to gRPC an
// item that it cannot unpack is even the end of the input.
using BatchReactor =
    grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>;

// What a batch works with; all of it must outlive the batch.
struct BatchReactorParts {
  EventLoop& loop;
  ChatBackend& chat;
  const RequestIntake& intake;
  ActiveCalls& calls;
};

// Answers one InvokeBatch of `caller`. Enters on a gRPC thread, then lives and
// dies on the loop, but for the validation of items; deletes itself. REQUIRES:
// `parts.calls` has let the call in.
BatchReactor* NewBatchReactor(const BatchReactorParts& parts,
                              std::shared_ptr<const Caller> caller,
                              absl::Time deadline);

}  // namespace holysheep
