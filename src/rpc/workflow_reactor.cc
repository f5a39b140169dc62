#include "rpc/workflow_reactor.h"

#include <deque>
#include <string>
#include <utility>

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
// that `events_` holds those of one step.

class WorkflowReactor final : public LoopReactor, WorkflowObserver {
 public:
  using LoopReactor::LoopReactor;

  void Start(ChatBackend& chat, ReceivedWorkflow received) {
    Begin([this, &chat, received = std::move(received)]() mutable {
      workflow_ =
          NewWorkflow({loop(), chat, *this, std::move(received.make)},
                      std::move(received.request), std::move(received.plan));
      workflow_->Proceed();
    });
  }

 private:
  void OnWriteDone(bool) override {
    loop().Enter([this] {
      events_.pop_front();
      writing_ = false;
      WriteNext();
    });
  }
  void Abandon() override {
    workflow_.reset();
    FinishOnce(grpc::Status::CANCELLED);
  }

  void OnEvent(const pb::WorkflowEvent& event) override {
    step_ended_ = event.has_step_finished();
    ended_ = event.has_finished();
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

  void Say(const pb::WorkflowEvent& event) {
    if (!JoinedToLast(event)) events_.push_back(event);
    WriteNext();
  }

  // A piece is appended to the last event while that waits: fewer messages, and
  // many small pieces would need far more memory than their text.
  bool JoinedToLast(const pb::WorkflowEvent& event) {
    const bool waits = events_.size() > (writing_ ? 1 : 0);
    if (!waits || !event.has_delta()) return false;
    if (!events_.back().has_delta()) return false;
    pb::StepDelta& last = *events_.back().mutable_delta();
    const pb::StepDelta& more = event.delta();
    if (last.delta_case() != more.delta_case()) return false;
    if (TextOf(last).size() + TextOf(more).size() > kMaxMergedBytes) {
      return false;
    }
    if (more.has_text()) last.mutable_text()->append(more.text());
    if (more.has_reasoning()) {
      last.mutable_reasoning()->append(more.reasoning());
    }
    return true;
  }

  // One write at a time, without hints as in stream_reactor.cc. When all is
  // written, the next step may begin.
  void WriteNext() {
    if (writing_ || workflow_ == nullptr) return;
    if (!events_.empty()) {
      writing_ = true;
      packed_ = Serialize(events_.front());
      call().StartWrite(packed_);
    } else if (ended_) {
      FinishOnce(grpc::Status::OK);
    } else if (std::exchange(step_ended_, false)) {
      workflow_->Proceed();
    }
  }

  std::deque<pb::WorkflowEvent> events_;
  grpc::ByteBuffer packed_;
  bool writing_ = false;
  bool step_ended_ = false;
  bool ended_ = false;
  std::unique_ptr<Workflow> workflow_;
};

}  // namespace

void StartWorkflowReactor(RpcCall& call, EventLoop& loop, ChatBackend& chat,
                          ActiveCalls& calls, ReceivedWorkflow workflow) {
  (new WorkflowReactor(call, loop, calls))->Start(chat, std::move(workflow));
}

}  // namespace holysheep
