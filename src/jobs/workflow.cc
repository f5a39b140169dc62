#include "jobs/workflow.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "base/utf8.h"
#include "chat/answer.h"
#include "chat/transcript.h"
#include "holysheep/node/v1/node.pb.h"
#include "jobs/workflow_totals.h"

namespace holysheep {
namespace {

// The bound on all that one step shows to the model. The context of any model
// is full long before that.
constexpr size_t kMaxConversationBytes = 8 << 20;

// Each message has one part, as a client would send it.
void AddText(pb::Message::Role role, std::string text,
             pb::InvokeRequest& conversation) {
  pb::Message& message = *conversation.add_messages();
  message.set_role(role);
  message.add_parts()->set_text(std::move(text));
}

// Invariants: `outputs_` has one element for each ended step, so that its size
// is the index of the running one. `conversation_` holds pairs of a prompt and
// its answer, and `conversation_bytes_` their size. `call_` is null between two
// steps.
class RunningWorkflow final : public Workflow, ChatObserver {
 public:
  RunningWorkflow(WorkflowParts parts,
                  std::shared_ptr<const pb::RunWorkflowRequest> request,
                  WorkflowPlan plan)
      : parts_(std::move(parts)),
        request_(std::move(request)),
        plan_(std::move(plan)),
        began_(parts_.loop.Now()) {}

  void Proceed() override {
    const bool stopped =
        request_->stop_on_error() && finished_.steps_failed() > 0;
    if (stopped || index() == request_->steps_size()) return Finish();
    StartStep();
  }

 private:
  void OnDelta(const pb::InvokeEvent& delta) override {
    FoldDelta(delta, answer_);
    pb::WorkflowEvent event;
    pb::StepDelta& piece = *event.mutable_delta();
    piece.set_index(index());
    if (delta.has_text()) piece.set_text(delta.text());
    if (delta.has_reasoning()) piece.set_reasoning(delta.reasoning());
    if (piece.delta_case() == pb::StepDelta::DELTA_NOT_SET) return;
    parts_.observer.OnEvent(event);
  }

  void OnDone(absl::StatusOr<Answer> result) override {
    call_.reset();
    if (!result.ok()) return Fail(result.status());
    answer_.MergeFrom(result->response);
    result->response = std::move(answer_);
    Succeed(*std::move(result));
  }

  // The index of the running step: each ended step has an output, which is
  // empty if it failed.
  int index() const { return static_cast<int>(outputs_.size()); }
  const PlannedStep& step() const { return plan_.steps[outputs_.size()]; }

  void StartStep() {
    const absl::StatusOr<ChatRequest> request = NextCall();
    pb::WorkflowEvent event;
    pb::StepStarted& started = *event.mutable_step_started();
    started.set_index(index());
    started.set_name(step().name);
    started.set_model(request.ok() ? request->model()
                                   : request_->steps(index()).model());
    parts_.observer.OnEvent(event);
    if (!request.ok()) return Fail(request.status());
    call_ = parts_.chat.Start(*request, *this);
  }

  absl::StatusOr<ChatRequest> NextCall() {
    answer_.Clear();
    absl::StatusOr<std::string> prompt = NextPrompt();
    if (!prompt.ok()) return prompt.status();
    prompt_ = *std::move(prompt);
    pb::InvokeRequest call = StepRequest(*request_, request_->steps(index()));
    // The first call has the form of a single call, so that both share cache
    // entries.
    if (conversation_.messages().empty()) {
      call.set_query(prompt_);
    } else {
      *call.mutable_messages() = conversation_.messages();
      AddText(pb::Message::USER, prompt_, call);
    }
    return parts_.make(call);
  }

  absl::StatusOr<std::string> NextPrompt() const {
    size_t room = kMaxConversationBytes - conversation_bytes_;
    std::string opening;
    if (conversation_.messages().empty()) {
      auto rendered = plan_.opening.Render(request_->query(), {}, room);
      if (!rendered.ok()) return rendered.status();
      opening = *std::move(rendered);
      room -= opening.size();
    }
    const auto prompt = step().prompt.Render(request_->query(), outputs_, room);
    if (!prompt.ok()) return prompt.status();
    if (IsBlank(*prompt)) {
      return InvalidField(absl::StrCat("steps[", index(), "].prompt"),
                          "is blank once it is filled in");
    }
    return absl::StrCat(opening, *prompt);
  }

  void Succeed(Answer answer) {
    totals_.Add(answer, finished_);
    finished_.set_result(answer.response.result());
    Remember(finished_.result());
    pb::WorkflowEvent event;
    *event.mutable_step_finished() = Ended();
    *event.mutable_step_finished()->mutable_response() =
        ToResponse(std::move(answer));
    outputs_.push_back(finished_.result());
    parts_.observer.OnEvent(event);
  }

  // An exchange without text in its answer, or with too much of it, is left out
  // of the conversation.
  void Remember(const std::string& output) {
    const size_t bytes = prompt_.size() + output.size();
    if (output.empty() ||
        bytes >= kMaxConversationBytes - conversation_bytes_) {
      return;
    }
    conversation_bytes_ += bytes;
    AddText(pb::Message::USER, std::move(prompt_), conversation_);
    AddText(pb::Message::ASSISTANT, output, conversation_);
  }

  void Fail(const absl::Status& error) {
    const pb::StepFinished step = Ended();
    finished_.set_steps_failed(finished_.steps_failed() + 1);
    outputs_.emplace_back();
    parts_.observer.OnStepFailed(step, error);
  }

  pb::StepFinished Ended() const {
    pb::StepFinished ended;
    ended.set_index(index());
    ended.set_name(step().name);
    return ended;
  }

  void Finish() {
    totals_.WriteCost(finished_);
    finished_.mutable_usage();
    finished_.set_latency_ms(
        absl::ToDoubleMilliseconds(parts_.loop.Now() - began_));
    pb::WorkflowEvent event;
    *event.mutable_finished() = std::move(finished_);
    parts_.observer.OnEvent(event);
  }

  const WorkflowParts parts_;
  const std::shared_ptr<const pb::RunWorkflowRequest> request_;
  const WorkflowPlan plan_;
  const absl::Time began_;
  // The outputs of the ended steps; empty for a step that failed.
  std::vector<std::string> outputs_;
  // The conversation so far, as the next step's `messages`.
  pb::InvokeRequest conversation_;
  size_t conversation_bytes_ = 0;
  // The running step's prompt and answer.
  std::string prompt_;
  pb::InvokeResponse answer_;
  WorkflowTotals totals_;
  pb::WorkflowFinished finished_;
  std::unique_ptr<ChatCall> call_;
};

}  // namespace

std::unique_ptr<Workflow> NewWorkflow(
    WorkflowParts parts, std::shared_ptr<const pb::RunWorkflowRequest> request,
    WorkflowPlan plan) {
  return std::make_unique<RunningWorkflow>(std::move(parts), std::move(request),
                                           std::move(plan));
}

}  // namespace holysheep
