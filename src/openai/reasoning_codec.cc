#include <algorithm>
#include <utility>

#include "chat/reasoning_plan.h"
#include "json/json.h"
#include "openai/tool_codec.h"

namespace holysheep {
namespace {

using Form = ModelWire::Reasoning;

// What chat templates read of a request at vLLM and SGLang.
constexpr absl::string_view kTemplateArguments = "chat_template_kwargs";
constexpr absl::string_view kEnableThinking = "enable_thinking";

bool Has(const std::vector<JsonMember>& members, absl::string_view name) {
  return std::any_of(members.begin(), members.end(),
                     [name](const JsonMember& member) {
                       return FoldedName(member.name) == name;
                     });
}

void WriteFlag(absl::string_view name, bool value, JsonWriter& writer) {
  WriteKey(writer, name);
  writer.Bool(value);
}

void WriteBudget(absl::string_view name, std::optional<int64_t> tokens,
                 JsonWriter& writer) {
  if (!tokens.has_value()) return;
  WriteKey(writer, name);
  writer.Int64(*tokens);
}

void WriteThinking(const ReasoningPlan& plan, JsonWriter& writer) {
  if (!plan.enabled.has_value() && !plan.budget.has_value()) return;
  const bool enabled = plan.enabled.value_or(true);
  WriteKey(writer, "thinking");
  writer.StartObject();
  WriteMember(writer, "type", enabled ? "enabled" : "disabled");
  if (enabled) WriteBudget("budget_tokens", plan.budget, writer);
  writer.EndObject();
}

// Adds the flag to the caller's own arguments, which are removed from `extras`.
void WriteTemplateArguments(bool enabled, std::vector<JsonMember>& extras,
                            JsonWriter& writer) {
  const auto theirs =
      std::find_if(extras.begin(), extras.end(), [](const JsonMember& member) {
        return FoldedName(member.name) == kTemplateArguments;
      });
  std::vector<JsonMember> members;
  if (theirs != extras.end()) {
    if (theirs->value.empty() || theirs->value[0] != '{') return;
    members = MembersOfChecked(theirs->value);
    if (Has(members, kEnableThinking)) return;
    extras.erase(theirs);
  }
  members.push_back({std::string(kEnableThinking), enabled ? "true" : "false"});
  WriteRawMember(writer, kTemplateArguments, JsonObject(members));
}

// Qwen's own service reads the flag itself, vLLM the template's arguments. What
// the caller wrote into extra_params_json has precedence.
void WriteEnableThinking(const ReasoningPlan& plan,
                         std::vector<JsonMember>& extras, JsonWriter& writer) {
  if (plan.enabled.has_value() && !Has(extras, kEnableThinking)) {
    WriteFlag(kEnableThinking, *plan.enabled, writer);
    WriteTemplateArguments(*plan.enabled, extras, writer);
  }
  if (!Has(extras, "thinking_budget")) {
    WriteBudget("thinking_budget", plan.budget, writer);
  }
}

void WriteOpenRouter(const ReasoningPlan& plan, JsonWriter& writer) {
  WriteKey(writer, "reasoning");
  writer.StartObject();
  if (plan.enabled.has_value()) WriteFlag("enabled", *plan.enabled, writer);
  if (!plan.effort.empty()) WriteMember(writer, "effort", plan.effort);
  WriteBudget("max_tokens", plan.budget, writer);
  writer.EndObject();
}

}  // namespace

std::vector<std::string> WriteReasoning(const ChatRequest& request,
                                        std::vector<JsonMember>& extras,
                                        JsonWriter& writer) {
  ReasoningPlan plan = PlanReasoning(request);
  if (plan.empty()) return std::move(plan.warnings);
  const std::optional<Form> form = request.wire().reasoning;
  if (form == Form::kEnableThinking) {
    WriteEnableThinking(plan, extras, writer);
  } else if (form == Form::kOpenRouter) {
    WriteOpenRouter(plan, writer);
  } else {
    if (!plan.effort.empty()) {
      WriteMember(writer, "reasoning_effort", plan.effort);
    }
    WriteThinking(plan, writer);
  }
  return std::move(plan.warnings);
}

}  // namespace holysheep
