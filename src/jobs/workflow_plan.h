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

// Makes a call of a request as if it had come alone, or says what is wrong
// with it. Thread-safe.
using ChatRequestMaker =
    std::function<absl::StatusOr<ChatRequest>(const pb::InvokeRequest&)>;

struct PlannedStep {
  std::string name;
  PromptTemplate prompt;
};

// What a workflow will do, step by step.
struct WorkflowPlan {
  // What stands before the prompt that begins the conversation: the query, if
  // no prompt refers to it, else nothing.
  PromptTemplate opening;
  std::vector<PlannedStep> steps;
};

// Checks all that can be known before the first call: the steps' names,
// prompts, models and parameters. Otherwise INVALID_ARGUMENT with the path of
// the field at fault, such as `steps[2].prompt`.
absl::StatusOr<WorkflowPlan> PlanWorkflow(const pb::RunWorkflowRequest& request,
                                          const ChatRequestMaker& make);

// All of a step's call but what is said to the model.
pb::InvokeRequest StepRequest(const pb::RunWorkflowRequest& request,
                              const pb::WorkflowStep& step);

}  // namespace holysheep
