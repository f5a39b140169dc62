#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>

#include <memory>
#include <optional>

#include "absl/time/time.h"
#include "cli/bench/bench_report.h"
#include "cli/client/settings.h"
#include "holysheep/node/v1/node.grpc.pb.h"

namespace holysheep::cli {

namespace pb = node::v1;

// What all slots of a run share; outlives them.
struct LoadTarget {
  const Settings& settings;
  pb::LlmNode::Stub& stub;
  grpc::CompletionQueue& queue;
  bool stream = false;
};

// A place for one call at a time, on a completion queue whose tags are slots.
// One thread at a time.
class LoadSlot {
 public:
  explicit LoadSlot(const LoadTarget& target) : target_(target) {}
  LoadSlot(const LoadSlot&) = delete;
  LoadSlot& operator=(const LoadSlot&) = delete;

  // Starts a call that was due at `due`, on a clock of the caller's choice.
  void Start(const pb::InvokeRequest& request, absl::Duration due);

  // The queue has returned this slot, with `ok`. True once the call is over.
  bool Advance(bool ok, absl::Duration now);

  // What came of it, once it is over.
  CallSample Sample(absl::Duration now) const;
  bool was_cancelled() const {
    return status_.error_code() == grpc::StatusCode::CANCELLED;
  }

  void Cancel() {
    if (context_.has_value()) context_->TryCancel();
  }

 private:
  enum class State { kReading, kFinishing };

  const LoadTarget& target_;
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

}  // namespace holysheep::cli
