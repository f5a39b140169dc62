#include <algorithm>

#include "absl/strings/ascii.h"
#include "intake/validation_checks.h"

namespace holysheep {
// A schema is checked as JSON only; its keywords are for JsonSchema, which
// knows what it cannot check.

namespace {

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

// Models know more words than any list would have.
constexpr size_t kMaxEffortBytes = 64;

absl::Status CheckEffort(const FieldPath& path, absl::string_view effort) {
  if (effort.size() <= kMaxEffortBytes &&
      std::all_of(effort.begin(), effort.end(), absl::ascii_isgraph)) {
    return absl::OkStatus();
  }
  return Refuse(
      path,
      absl::StrCat("must be a word of at most ", kMaxEffortBytes,
                   " printable characters without blanks, is ", Shown(effort)));
}

absl::Status CheckReasoning(const pb::Reasoning& reasoning) {
  const FieldPath path("reasoning");
  absl::Status status = CheckEffort({path, "effort"}, reasoning.effort());
  if (reasoning.has_budget_tokens()) {
    status.Update(
        CheckAtLeast(1, {path, "budget_tokens"}, reasoning.budget_tokens()));
  }
  return status;
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

}  // namespace holysheep
