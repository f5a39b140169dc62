#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>

#include <memory>
#include <optional>

#include "absl/time/time.h"
#include "holysheep/node/v1/node.grpc.pb.h"
#include "load/load_run.h"

namespace holysheep::load {

// Shared by all slots of a run, which it outlives.
struct SlotContext {
  const LoadTarget& target;
  // All must outlive the slots.
  pb::LlmNode::Stub& stub;
  grpc::CompletionQueue& queue;
  bool stream = false;
};

// Makes one call at a time on a completion queue whose tags are slots. Used by
// one thread at a time. Reused for one call after the other.
class LoadSlot {
 public:
  explicit LoadSlot(const SlotContext& shared) : shared_(shared) {}
  LoadSlot(const LoadSlot&) = delete;
  LoadSlot& operator=(const LoadSlot&) = delete;

  // Starts a call that was due at `due`, on a clock of the caller's choice.
  // REQUIRES: the last call is over. `request` need not outlive it.
  void Start(const pb::InvokeRequest& request, absl::Duration due);

  // Handles an event of the queue. Returns true once the call is over. Starts
  // the call's next operation, if there is one.
  bool Advance(bool ok, absl::Duration now);

  // The end of the call, once it is over; valid until the next start.
  CallEnd End(absl::Duration now) const;

  // The call still has to be advanced to its end. Any thread.
  void Cancel() {
    if (context_.has_value()) context_->TryCancel();
  }

 private:
  // Whether the pending operation is a read of a stream, or the last one of the
  // call.
  enum class State { kReading, kFinishing };

  const SlotContext& shared_;
  std::optional<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<pb::InvokeResponse>> unary_;
  std::unique_ptr<grpc::ClientAsyncReader<pb::InvokeEvent>> reader_;
  State state_ = State::kFinishing;
  pb::InvokeResponse response_;
  pb::InvokeEvent event_;
  grpc::Status status_;
  absl::Duration due_;
  std::optional<absl::Duration> first_token_;
};

}  // namespace holysheep::load
