#include "rpc/workflow_reactor.h"

#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "base/memory_account.h"
#include "chat/transcript.h"
#include "holysheep/node/v1/node.pb.h"
#include "jobs/workflow.h"
#include "rpc/loop_reactor.h"
#include "rpc/status.h"
#include "rpc/wire.h"

namespace holysheep {
namespace {

const std::string& TextOf(const pb::StepDelta& delta) {
  return delta.has_text() ? delta.text() : delta.reasoning();
}

// Invariants: all members are touched on the loop only. The front of `events_`
// is being written exactly while `writing_` is set, and is removed afterwards.
// The workflow proceeds only when all events of a step have been written, so
// that `events_` holds those of one step. `queued_` counts the bytes of all in
// `events_`. Once `giving_up_` is set nothing is added any more.

class WorkflowReactor final : public LoopReactor,
                              WorkflowObserver,
                              public Revocation::Lasting {
 public:
  using LoopReactor::LoopReactor;

  void Start(ChatBackend& chat, Revocation& revocation,
             ReceivedWorkflow received) {
    Begin([this, &chat, &revocation, received = std::move(received)]() mutable {
      watch_.emplace(revocation, std::move(received.caller), *this);
      memory_ = std::move(received.memory);
      queued_ = memory_->Another();
      workflow_ =
          NewWorkflow({loop(), chat, *this, std::move(received.make)},
                      std::move(received.request), std::move(received.plan));
      workflow_->Proceed();
    });
  }

 private:
  struct Waiting {
    pb::WorkflowEvent event;
    int64_t bytes;
  };

  void OnWriteDone(bool) override {
    loop().Enter([this] {
      queued_.Shrink(events_.front().bytes);
      events_.pop_front();
      writing_ = false;
      WriteNext();
    });
  }
  void Abandon() override {
    workflow_.reset();
    FinishOnce(grpc::Status::CANCELLED);
  }

  void EndRevoked(const absl::Status& error) override {
    workflow_.reset();
    CancelAfter(loop().Now());
    FinishOnce(ToGrpcStatus(error));
  }

  void OnEvent(const pb::WorkflowEvent& event) override {
    step_ended_ = event.has_step_finished();
    ended_ = event.has_finished();
    if (step_ended_) Remember(event.step_finished().response().result());
    Say(event);
  }
  void OnStepFailed(const pb::StepFinished& step,
                    const absl::Status& error) override {
    step_ended_ = true;
    pb::WorkflowEvent event;
    *event.mutable_step_finished() = step;
    ToErrorMessage(error, event.mutable_step_finished()->mutable_error());
    Say(event);
  }

  // Later steps see the result, and may refer to it: it is kept twice.
  void Remember(const std::string& result) {
    if (!memory_->Grow(2 * static_cast<int64_t>(result.size()))) GiveUp();
  }

  void Say(const pb::WorkflowEvent& event) {
    const auto bytes =
        static_cast<int64_t>(event.ByteSizeLong() + sizeof(Waiting));
    if (giving_up_ != nullptr) return;
    if (!queued_.Grow(bytes)) return GiveUp();
    if (!JoinedToLast(event, bytes)) events_.push_back({event, bytes});
    WriteNext();
  }

  // On a turn of its own, because the workflow must not be destroyed here.
  // What is being written is left to its reader.
  void GiveUp() {
    if (giving_up_ != nullptr) return;
    giving_up_ = loop().RunAfter(absl::ZeroDuration(), [this] {
      workflow_.reset();
      events_.resize(writing_ ? 1 : 0);
      FinishOnce(ToGrpcStatus(OutOfMemoryError()));
    });
  }

  // A piece is appended to the last event while that waits: fewer messages, and
  // many small pieces would need far more memory than their text.
  bool JoinedToLast(const pb::WorkflowEvent& event, int64_t bytes) {
    const bool waits = events_.size() > (writing_ ? 1 : 0);
    if (!waits || !event.has_delta()) return false;
    if (!events_.back().event.has_delta()) return false;
    pb::StepDelta& last = *events_.back().event.mutable_delta();
    const pb::StepDelta& more = event.delta();
    if (last.delta_case() != more.delta_case()) return false;
    if (TextOf(last).size() + TextOf(more).size() > kMaxMergedBytes) {
      return false;
    }
    if (more.has_text()) last.mutable_text()->append(more.text());
    if (more.has_reasoning()) {
      last.mutable_reasoning()->append(more.reasoning());
    }
    events_.back().bytes += bytes;
    return true;
  }

  // One write at a time, without hints as in stream_reactor.cc. When all is
  // written, the next step may begin.
  void WriteNext() {
    if (writing_ || workflow_ == nullptr) return;
    if (!events_.empty()) {
      writing_ = true;
      packed_ = Serialize(events_.front().event);
      call().StartWrite(packed_);
    } else if (ended_) {
      FinishOnce(grpc::Status::OK);
    } else if (std::exchange(step_ended_, false)) {
      workflow_->Proceed();
    }
  }

  // The request and what its steps have said; what waits for the reader.
  std::shared_ptr<HeldMemory> memory_;
  HeldMemory queued_;
  std::deque<Waiting> events_;
  grpc::ByteBuffer packed_;
  bool writing_ = false;
  bool step_ended_ = false;
  bool ended_ = false;
  std::unique_ptr<Timer> giving_up_;
  std::unique_ptr<Workflow> workflow_;
  std::optional<Revocation::Watch> watch_;
};

}  // namespace

void StartWorkflowReactor(RpcCall& call, EventLoop& loop, ChatBackend& chat,
                          ActiveCalls& calls, Revocation& revocation,
                          ReceivedWorkflow workflow) {
  (new WorkflowReactor(call, loop, calls))
      ->Start(chat, revocation, std::move(workflow));
}

}  // namespace holysheep
