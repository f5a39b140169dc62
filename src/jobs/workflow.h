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

// Hears how a workflow goes. Must not call back from inside.
class WorkflowObserver {
 public:
  // All but a step's failure, in order. `finished` is the last event.
  virtual void OnEvent(const pb::WorkflowEvent& event) = 0;
  // The end of a step that failed: `step` without its error.
  virtual void OnStepFailed(const pb::StepFinished& step,
                            const absl::Status& error) = 0;

 protected:
  ~WorkflowObserver() = default;
};

// Calls of `chat` one after the other, each of which sees the prompts and
// outputs of those before it that went well. Holds one conversation of bounded
// length. Loop thread only. Destroying it cancels what runs.
class Workflow {
 public:
  virtual ~Workflow() = default;

  // Starts the first step; and after the end of each step the next one, or
  // says `finished`. The observer decides when, so that a slow reader has no
  // more than one step's events before it.
  virtual void Proceed() = 0;
};

struct WorkflowParts {
  EventLoop& loop;
  ChatBackend& chat;
  WorkflowObserver& observer;
  ChatRequestMaker make;
};

// `plan` is PlanWorkflow's of `request`. What `parts` refers to must outlive
// the workflow.
std::unique_ptr<Workflow> NewWorkflow(
    WorkflowParts parts, std::shared_ptr<const pb::RunWorkflowRequest> request,
    WorkflowPlan plan);

}  // namespace holysheep
