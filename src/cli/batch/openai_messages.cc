#include "cli/batch/openai_messages.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/batch/openai_parts.h"
#include "json/json.h"

namespace holysheep::cli {
namespace {

std::string NameOf(const JsonValue& name) {
  return std::string(name.GetString(), name.GetStringLength());
}

absl::StatusOr<pb::Message::Role> RoleOf(const std::string& path,
                                         const JsonValue* role) {
  pb::Message::Role known = pb::Message::ROLE_UNSPECIFIED;
  if (pb::Message::Role_Parse(absl::AsciiStrToUpper(TextOf(role)), &known) &&
      known != pb::Message::ROLE_UNSPECIFIED) {
    return known;
  }
  return WrongValue(absl::StrCat(path, ".role"),
                    "must be system, developer, user, assistant or tool");
}

absl::Status ReadContent(const std::string& path, const JsonValue& content,
                         pb::Message& message) {
  if (content.IsString()) {
    message.add_parts()->set_text(std::string(TextOf(&content)));
    return absl::OkStatus();
  }
  if (!content.IsArray()) {
    return WrongValue(path, "must be a text or a list of parts");
  }
  for (rapidjson::SizeType i = 0; i < content.Size(); ++i) {
    const absl::Status status = ReadOpenAiPart(
        absl::StrCat(path, "[", i, "]"), content[i], *message.add_parts());
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status ReadToolCalls(const std::string& path, const JsonValue& calls,
                           pb::Message& message) {
  if (!calls.IsArray()) return WrongValue(path, "must be a list");
  for (rapidjson::SizeType i = 0; i < calls.Size(); ++i) {
    const JsonValue* function = Member(&calls[i], "function");
    const JsonValue* arguments = Member(function, "arguments");
    if (function == nullptr) {
      return WrongValue(absl::StrCat(path, "[", i, "]"),
                        "must be a call of a function");
    }
    pb::ToolCall& call = *message.add_tool_calls();
    call.set_id(std::string(TextOf(Member(&calls[i], "id"))));
    call.set_name(std::string(TextOf(Member(function, "name"))));
    call.set_arguments_json(std::string(TextOf(arguments)));
    if (arguments != nullptr && arguments->IsObject()) {
      call.set_arguments_json(JsonOf(*arguments).value_or("{}"));
    }
  }
  return absl::OkStatus();
}

// Returns false for a member that has no field.
absl::StatusOr<bool> ReadMember(const std::string& path,
                                const std::string& name, const JsonValue& value,
                                pb::Message& message) {
  const std::string text(TextOf(&value));
  absl::Status status;
  if (name == "content") {
    status = ReadContent(path, value, message);
  } else if (name == "tool_calls") {
    status = ReadToolCalls(path, value, message);
  } else if (name == "name") {
    message.set_name(text);
  } else if (name == "tool_call_id") {
    message.set_tool_call_id(text);
  } else if (name == "reasoning_content" ||
             (name == "reasoning" && value.IsString())) {
    message.set_reasoning(text);
  } else {
    return false;
  }
  if (!status.ok()) return status;
  return true;
}

absl::Status ReadMessage(const std::string& path, const JsonValue& from,
                         pb::Message& message) {
  if (!from.IsObject()) return WrongValue(path, "must be an object");
  const auto role = RoleOf(path, Member(&from, "role"));
  if (!role.ok()) return role.status();
  message.set_role(*role);
  std::vector<std::pair<std::string, std::string>> rest;
  for (const auto& member : from.GetObject()) {
    const std::string name = NameOf(member.name);
    if (name == "role" || member.value.IsNull()) continue;
    const std::string place = absl::StrCat(path, ".", name);
    const auto is_read = ReadMember(place, name, member.value, message);
    if (!is_read.ok()) return is_read.status();
    if (*is_read) continue;
    if (*role != pb::Message::ASSISTANT) {
      return WrongValue(place, "is not known in a message of this role");
    }
    rest.emplace_back(name, JsonOf(member.value).value_or("null"));
  }
  if (rest.empty()) return absl::OkStatus();
  std::vector<JsonMember> members;
  for (const auto& [name, json] : rest) members.push_back({name, json});
  message.set_opaque_json(JsonObject(members));
  return absl::OkStatus();
}

}  // namespace

absl::Status WrongValue(absl::string_view path, absl::string_view problem) {
  return absl::InvalidArgumentError(absl::StrCat(path, " ", problem));
}

absl::Status ReadOpenAiMessages(const JsonValue& messages,
                                pb::InvokeRequest& request) {
  if (!messages.IsArray()) return WrongValue("messages", "must be a list");
  for (rapidjson::SizeType i = 0; i < messages.Size(); ++i) {
    const absl::Status status =
        ReadMessage(absl::StrCat("messages[", i, "]"), messages[i],
                    *request.add_messages());
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace holysheep::cli
