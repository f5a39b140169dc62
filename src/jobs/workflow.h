#pragma once

#include <memory>

#include "absl/status/status.h"
#include "base/event_loop.h"
#include "chat/backend.h"
#include "jobs/workflow_plan.h"

namespace holysheep {

namespace node::v1 {
class StepFinished;
class WorkflowEvent;
}  // namespace node::v1

// Receives the events of a workflow. Must not call the workflow before it
// returns. Implemented by the reactor of RunWorkflow (rpc/workflow_reactor.cc).
class WorkflowObserver {
 public:
  // All events in order, except the end of a step that failed. The last event
  // is `finished`. `event` is valid during the call only.
  virtual void OnEvent(const pb::WorkflowEvent& event) = 0;
  // The end of a step that failed: `step` without its error, and the error.
  virtual void OnStepFailed(const pb::StepFinished& step,
                            const absl::Status& error) = 0;

 protected:
  ~WorkflowObserver() = default;
};

// A sequence of calls of `chat`. Each step sees the prompts and outputs of the
// successful steps before it, in one conversation of bounded length. Loop
// thread only. Destroying the workflow cancels the running call. At most 8 MiB
// of conversation; a step that would exceed them fails with CONTEXT_LENGTH.
class Workflow {
 public:
  virtual ~Workflow() = default;

  // Starts the first step and, after the end of each step, the next one; after
  // the last one reports `finished`. The observer decides when, so that at most
  // one step's events wait for a slow reader. REQUIRES: no step is running, and
  // `finished` has not been reported. With `stop_on_error`, a failed step is
  // the last.
  virtual void Proceed() = 0;
};

// What a workflow works with. The references must outlive it.
struct WorkflowParts {
  EventLoop& loop;
  ChatBackend& chat;
  WorkflowObserver& observer;
  // Called on the loop, once for each step.
  ChatRequestMaker make;
};

// `plan` is the result of PlanWorkflow for `request`. Nothing happens before
// Proceed.
std::unique_ptr<Workflow> NewWorkflow(
    WorkflowParts parts, std::shared_ptr<const pb::RunWorkflowRequest> request,
    WorkflowPlan plan);

}  // namespace holysheep
