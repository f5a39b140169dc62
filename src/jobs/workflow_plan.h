#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "chat/backend.h"
#include "jobs/template.h"

namespace holysheep {

namespace node::v1 {
class RunWorkflowRequest;
class WorkflowStep;
}  // namespace node::v1

// Converts a request into a call as if it had been sent alone, or says what is
// wrong with it. Thread-safe.
using ChatRequestMaker =
    std::function<absl::StatusOr<ChatRequest>(const pb::InvokeRequest&)>;

// A step that has been checked.
struct PlannedStep {
  // As given, or `stepN` with its index; distinct.
  std::string name;
  // For the first step without one, the query.
  PromptTemplate prompt;
};

// The steps of a workflow, checked and ready to run.
struct WorkflowPlan {
  // Text before the first prompt: the query, if no prompt refers to it;
  // otherwise empty.
  PromptTemplate opening;
  std::vector<PlannedStep> steps;
};

// Checks all that is known before the first call: the names, prompts, models
// and parameters of the steps. Returns INVALID_ARGUMENT with the path of the
// field at fault, such as `steps[2].prompt`. Pure but for `make`. 1 to 64
// steps. Refusing all that can be refused before the first call saves the cost
// of a half run.
absl::StatusOr<WorkflowPlan> PlanWorkflow(const pb::RunWorkflowRequest& request,
                                          const ChatRequestMaker& make);

// The call of a step, without its prompt and the conversation. `step` is one of
// `request`. Pure.
pb::InvokeRequest StepRequest(const pb::RunWorkflowRequest& request,
                              const pb::WorkflowStep& step);

}  // namespace holysheep
