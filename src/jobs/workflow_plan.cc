#include "jobs/workflow_plan.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/errors.h"
#include "base/utf8.h"
#include "holysheep/node/v1/node.pb.h"

namespace holysheep {
namespace {

// Each step sends the conversation so far, so the cost grows with the square of
// their number.
constexpr int kMaxSteps = 64;
constexpr size_t kMaxNameBytes = 64;
constexpr absl::string_view kQueryAlone = "{{query}}";
constexpr absl::string_view kQueryBefore = "{{query}}\n\n";

std::string PathOf(int step, absl::string_view field) {
  return absl::StrCat("steps[", step, "].", field);
}

bool IsNameCharacter(char c) {
  return absl::ascii_isalnum(c) || c == '_' || c == '-';
}

absl::Status CheckName(int step, const std::string& name,
                       const std::vector<std::string>& earlier) {
  if (name.size() > kMaxNameBytes ||
      !std::all_of(name.begin(), name.end(), IsNameCharacter)) {
    return InvalidField(PathOf(step, "name"),
                        "must be 1 to 64 characters of A-Z a-z 0-9 _ -");
  }
  const auto same = std::find(earlier.begin(), earlier.end(), name);
  if (same == earlier.end()) return absl::OkStatus();
  return InvalidField(
      PathOf(step, "name"),
      absl::StrCat("must be distinct, but steps[", same - earlier.begin(),
                   "] is called ", name, " too"));
}

// A prompt is checked with the names of earlier steps only, so that references
// cannot form a cycle.
absl::StatusOr<PromptTemplate> PromptOf(
    const pb::RunWorkflowRequest& request, int step,
    const std::vector<std::string>& earlier) {
  const std::string& given = request.steps(step).prompt();
  if (given.empty() && step > 0) {
    return InvalidField(PathOf(step, "prompt"),
                        "is required for all steps but the first");
  }
  if (!given.empty() && IsBlank(given)) {
    return InvalidField(PathOf(step, "prompt"), "must not be blank");
  }
  auto prompt =
      PromptTemplate::Parse(given.empty() ? kQueryAlone : given, earlier);
  if (!prompt.ok()) {
    return InvalidField(PathOf(step, "prompt"), prompt.status().message());
  }
  if (prompt->uses_query() && IsBlank(request.query())) {
    return InvalidField(
        "query", absl::StrCat("is required, because ", PathOf(step, "prompt"),
                              " refers to it"));
  }
  return prompt;
}

// A query that no prompt refers to still begins the conversation.
absl::StatusOr<PromptTemplate> OpeningOf(
    const pb::RunWorkflowRequest& request,
    const std::vector<PlannedStep>& steps) {
  const bool is_used = std::any_of(
      steps.begin(), steps.end(),
      [](const PlannedStep& step) { return step.prompt.uses_query(); });
  if (is_used || IsBlank(request.query())) return PromptTemplate();
  return PromptTemplate::Parse(kQueryBefore, {});
}

// Translates an error of a single call to the field's path in the workflow. The
// caller's information belongs to the whole workflow, so its path stays.
absl::Status InStep(int step, const absl::Status& error) {
  const std::string field = DetailsOf(error).field;
  if (field.empty()) return error;
  absl::string_view message = error.message();
  absl::ConsumePrefix(&message, absl::StrCat(field, ": "));
  return InvalidField(
      absl::StartsWith(field, "caller") ? field : PathOf(step, field), message);
}

}  // namespace

pb::InvokeRequest StepRequest(const pb::RunWorkflowRequest& request,
                              const pb::WorkflowStep& step) {
  pb::InvokeRequest call;
  call.set_model(step.model());
  if (step.has_temperature()) call.set_temperature(step.temperature());
  if (step.has_max_tokens()) call.set_max_tokens(step.max_tokens());
  if (request.has_caller()) *call.mutable_caller() = request.caller();
  return call;
}

absl::StatusOr<WorkflowPlan> PlanWorkflow(const pb::RunWorkflowRequest& request,
                                          const ChatRequestMaker& make) {
  if (request.steps().empty() || request.steps_size() > kMaxSteps) {
    return InvalidField("steps", absl::StrCat("must be 1 to ", kMaxSteps,
                                              ", are ", request.steps_size()));
  }
  WorkflowPlan plan;
  std::vector<std::string> names;
  for (int i = 0; i < request.steps_size(); ++i) {
    const pb::WorkflowStep& step = request.steps(i);
    std::string name =
        step.name().empty() ? absl::StrCat("step", i) : step.name();
    absl::Status status = CheckName(i, name, names);
    if (!status.ok()) return status;
    absl::StatusOr<PromptTemplate> prompt = PromptOf(request, i, names);
    if (!prompt.ok()) return prompt.status();
    // The prompt is not known yet, but everything else is.
    pb::InvokeRequest call = StepRequest(request, step);
    call.set_query("?");
    const absl::StatusOr<ChatRequest> chat = make(call);
    if (!chat.ok()) return InStep(i, chat.status());
    names.push_back(name);
    plan.steps.push_back({std::move(name), *std::move(prompt)});
  }
  absl::StatusOr<PromptTemplate> opening = OpeningOf(request, plan.steps);
  if (!opening.ok()) return opening.status();
  plan.opening = *std::move(opening);
  return plan;
}

}  // namespace holysheep
