#include "server/workflow_reactor.h"

#include <deque>
#include <utility>

#include "holysheep/node/v1/node.pb.h"
#include "jobs/workflow.h"
#include "server/status.h"

namespace holysheep {
namespace {

constexpr size_t kManyEvents = 256;

// Every reaction of gRPC posts itself to the loop, so nothing below is touched
// by two threads. The last of them is OnDone, so it may delete the reactor.
class WorkflowReactor final
    : public grpc::ServerWriteReactor<pb::WorkflowEvent>,
      WorkflowObserver {
 public:
  WorkflowReactor(EventLoop& loop, ActiveCalls& calls)
      : loop_(loop), calls_(calls) {}

  void Begin(ChatBackend& chat, ReceivedWorkflow received) {
    loop_.Post([this, &chat, received = std::move(received)]() mutable {
      if (finished_) return;
      workflow_ =
          NewWorkflow({loop_, chat, *this, std::move(received.make)},
                      std::move(received.request), std::move(received.plan));
      workflow_->Proceed();
    });
  }

 private:
  void OnWriteDone(bool) override {
    loop_.Post([this] {
      events_.pop_front();
      writing_ = false;
      WriteNext();
    });
  }
  void OnCancel() override {
    loop_.Post([this] {
      workflow_.reset();
      FinishOnce(grpc::Status::CANCELLED);
    });
  }
  void OnDone() override {
    loop_.Post([this] {
      ActiveCalls& calls = calls_;
      delete this;
      calls.Leave();
    });
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

  // Many small pieces would take far more memory than their text: once many
  // wait, what comes is added to the last of them.
  bool JoinedToLast(const pb::WorkflowEvent& event) {
    if (events_.size() < kManyEvents || !event.has_delta()) return false;
    if (!events_.back().has_delta()) return false;
    pb::StepDelta& last = *events_.back().mutable_delta();
    const pb::StepDelta& more = event.delta();
    if (last.delta_case() != more.delta_case()) return false;
    if (more.has_text()) last.mutable_text()->append(more.text());
    if (more.has_reasoning()) {
      last.mutable_reasoning()->append(more.reasoning());
    }
    return true;
  }

  // One write at a time, without hints as in stream_reactor.cc. Once all is
  // written the next step may begin.
  void WriteNext() {
    if (writing_ || workflow_ == nullptr) return;
    if (!events_.empty()) {
      writing_ = true;
      StartWrite(&events_.front());
    } else if (ended_) {
      FinishOnce(grpc::Status::OK);
    } else if (std::exchange(step_ended_, false)) {
      workflow_->Proceed();
    }
  }

  void FinishOnce(const grpc::Status& status) {
    if (std::exchange(finished_, true)) return;
    Finish(status);
  }

  EventLoop& loop_;
  ActiveCalls& calls_;
  std::deque<pb::WorkflowEvent> events_;
  bool writing_ = false;
  bool step_ended_ = false;
  bool ended_ = false;
  bool finished_ = false;
  std::unique_ptr<Workflow> workflow_;
};

}  // namespace

grpc::ServerWriteReactor<pb::WorkflowEvent>* NewWorkflowReactor(
    EventLoop& loop, ChatBackend& chat, ActiveCalls& calls,
    ReceivedWorkflow workflow) {
  auto* reactor = new WorkflowReactor(loop, calls);
  reactor->Begin(chat, std::move(workflow));
  return reactor;
}

}  // namespace holysheep
