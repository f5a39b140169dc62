#include <algorithm>
#include <array>

#include "base/json.h"
#include "server/validation_checks.h"

namespace holysheep {
namespace {

// Members of an OpenAI-compatible request that the service writes itself, from
// a field of another name or by its own decision. The fields of InvokeRequest
// are refused as well.
constexpr std::array<absl::string_view, 8> kOwnMembers = {
    "stream",    "stream_options",   "n",        "max_completion_tokens",
    "functions", "reasoning_effort", "thinking", "function_call"};

absl::Status CheckSchema(const pb::ResponseFormat& format) {
  const FieldPath path("response_format");
  const FieldPath schema(path, "schema_json");
  if (format.type() != pb::ResponseFormat::JSON_SCHEMA) {
    if (format.schema_json().empty()) return absl::OkStatus();
    return Refuse(schema, "must not be set unless the type is JSON_SCHEMA");
  }
  if (format.schema_json().empty()) {
    return Refuse(schema, "is required with JSON_SCHEMA");
  }
  return CheckObject(schema, format.schema_json());
}

absl::Status CheckResponseFormat(const pb::ResponseFormat& format) {
  const FieldPath path("response_format");
  if (!pb::ResponseFormat::Type_IsValid(format.type())) {
    return Refuse({path, "type"},
                  absl::StrCat("must be TEXT, JSON_OBJECT or JSON_SCHEMA, is ",
                               static_cast<int>(format.type())));
  }
  absl::Status status = CheckSchema(format);
  if (!format.name().empty()) {
    status.Update(CheckName({path, "name"}, format.name()));
  }
  return status;
}

absl::Status CheckReasoning(const pb::Reasoning& reasoning) {
  const FieldPath path("reasoning");
  absl::Status status = CheckOneOf({path, "effort"}, reasoning.effort(),
                                   {"minimal", "low", "medium", "high"});
  if (reasoning.has_budget_tokens()) {
    status.Update(
        CheckAtLeast(1, {path, "budget_tokens"}, reasoning.budget_tokens()));
  }
  return status;
}

bool HasFieldOfItsOwn(const std::string& member) {
  return std::count(kOwnMembers.begin(), kOwnMembers.end(), member) > 0 ||
         pb::InvokeRequest::descriptor()->FindFieldByName(member) != nullptr;
}

}  // namespace

absl::Status CheckFormat(const ValidationContext& context) {
  const pb::InvokeRequest& request = context.request;
  absl::Status status;
  if (request.has_response_format()) {
    status.Update(CheckResponseFormat(request.response_format()));
  }
  if (request.has_reasoning()) {
    status.Update(CheckReasoning(request.reasoning()));
  }
  return status;
}

absl::Status CheckExtraParams(const ValidationContext& context) {
  const std::string& json = context.request.extra_params_json();
  const FieldPath path("extra_params_json");
  if (json.empty()) return absl::OkStatus();
  const auto members = JsonMembers(json);
  if (!members.ok()) {
    return Refuse(path, absl::StrCat("must be a JSON object: ",
                                     members.status().message()));
  }
  for (const JsonMember& member : *members) {
    if (HasFieldOfItsOwn(member.name)) {
      return Refuse(
          path, absl::StrCat("must not have the member ", Shown(member.name),
                             ": the request's own fields or the "
                             "service decide about it"));
    }
  }
  return absl::OkStatus();
}

}  // namespace holysheep
