#include "intake/validation_checks.h"

namespace holysheep {
namespace {

// As kMaxEntries of wire_scan.h; checked again for requests that did not come
// over the wire.
constexpr int kMaxMessages = 4096;
constexpr int kMaxToolCalls = 1024;

absl::Status CheckWhatTheRoleMayHave(const FieldPath& path,
                                     const pb::Message& message) {
  const bool tool = message.role() == pb::Message::TOOL;
  if (tool && message.tool_call_id().empty()) {
    return Refuse({path, "tool_call_id"}, "is required in a TOOL message");
  }
  if (!tool && !message.tool_call_id().empty()) {
    return Refuse({path, "tool_call_id"}, "belongs to TOOL messages only");
  }
  if (message.role() == pb::Message::ASSISTANT) return absl::OkStatus();
  constexpr absl::string_view kMessage = "belongs to ASSISTANT messages only";
  if (!message.tool_calls().empty()) {
    return Refuse({path, "tool_calls"}, kMessage);
  }
  if (!message.reasoning().empty()) {
    return Refuse({path, "reasoning"}, kMessage);
  }
  if (!message.opaque_json().empty()) {
    return Refuse({path, "opaque_json"}, kMessage);
  }
  return absl::OkStatus();
}

absl::Status CheckRole(const FieldPath& path, const pb::Message& message) {
  if (pb::Message::Role_IsValid(message.role()) &&
      message.role() != pb::Message::ROLE_UNSPECIFIED) {
    return CheckWhatTheRoleMayHave(path, message);
  }
  return Refuse({path, "role"},
                absl::StrCat("must be SYSTEM, USER, ASSISTANT, TOOL or "
                             "DEVELOPER, is ",
                             static_cast<int>(message.role())));
}

// Reasoning alone is a turn that was cut off, which may be continued.
absl::Status CheckSaysSomething(const FieldPath& path,
                                const pb::Message& message) {
  if (!message.parts().empty() || !message.tool_calls().empty() ||
      !message.reasoning().empty()) {
    return absl::OkStatus();
  }
  return Refuse({path, "parts"},
                message.role() == pb::Message::ASSISTANT
                    ? "must have at least one part, unless there are "
                      "tool_calls or reasoning"
                    : "must have at least one part");
}

absl::Status CheckCacheControl(const FieldPath& path, const pb::Part& part) {
  return CheckObject({path, "cache_control_json"}, part.cache_control_json());
}

absl::Status CheckPart(const FieldPath& path, const pb::Message& message,
                       const pb::Part& part) {
  switch (part.part_case()) {
    case pb::Part::PART_NOT_SET:
      return Refuse(path, "must be text, image, audio, video or document");
    case pb::Part::kText:
      return CheckCacheControl(path, part);
    default:
      break;
  }
  if (message.role() == pb::Message::USER ||
      message.role() == pb::Message::ASSISTANT ||
      message.role() == pb::Message::TOOL) {
    absl::Status status = CheckMedium(path, part);
    status.Update(CheckCacheControl(path, part));
    return status;
  }
  return Refuse(
      path, absl::StrCat("must be text in a ",
                         pb::Message::Role_Name(message.role()), " message"));
}

absl::Status CheckToolCall(const FieldPath& path, const pb::ToolCall& call) {
  absl::Status status;
  status.Update(CheckNotBlank({path, "id"}, call.id()));
  status.Update(CheckNotBlank({path, "name"}, call.name()));
  return status;
}

absl::Status CheckMessage(const FieldPath& path, const pb::Message& message) {
  absl::Status status = CheckRole(path, message);
  status.Update(CheckSaysSomething(path, message));
  status.Update(CheckLength({path, "name"}, message.name(), kMaxLabelBytes));
  status.Update(CheckCount({path, "tool_calls"}, message.tool_calls_size(),
                           kMaxToolCalls));
  for (int i = 0; status.ok() && i < message.parts_size(); ++i) {
    status = CheckPart({path, "parts", i}, message, message.parts(i));
  }
  for (int i = 0; status.ok() && i < message.tool_calls_size(); ++i) {
    status = CheckToolCall({path, "tool_calls", i}, message.tool_calls(i));
  }
  status.Update(CheckOpaque({path, "opaque_json"}, message.opaque_json()));
  return status;
}

absl::Status CheckQuery(const pb::InvokeRequest& request) {
  if (request.query().empty()) {
    return Refuse(FieldPath("query"),
                  "is required, unless there are messages instead");
  }
  return CheckNotBlank(FieldPath("query"), request.query());
}

}  // namespace

absl::Status CheckMessages(const ValidationContext& context) {
  const pb::InvokeRequest& request = context.request;
  if (request.messages().empty()) return CheckQuery(request);
  if (!request.query().empty()) {
    return Refuse(FieldPath("query"), "must not be set together with messages");
  }
  if (!request.system_prompt().empty()) {
    return Refuse(FieldPath("system_prompt"),
                  "must not be set together with messages; begin them with a "
                  "SYSTEM message");
  }
  absl::Status status =
      CheckCount(FieldPath("messages"), request.messages_size(), kMaxMessages);
  for (int i = 0; status.ok() && i < request.messages_size(); ++i) {
    status = CheckMessage(FieldPath("messages", i), request.messages(i));
  }
  return status;
}

}  // namespace holysheep
