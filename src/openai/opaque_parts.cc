#include "openai/opaque_parts.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "json/json_writer.h"

namespace holysheep {
namespace {

// OpenRouter's and LiteLLM's names for signed reasoning, whose elements come
// one by one.
constexpr absl::string_view kLists[] = {"reasoning_details", "thinking_blocks"};
// Gemini's signatures, which come whole.
constexpr absl::string_view kWhole[] = {"extra_content", "thought_signature"};

void WriteMembers(const std::map<std::string, std::string>& members,
                  JsonWriter& writer) {
  for (const auto& [name, json] : members) WriteRawMember(writer, name, json);
}

}  // namespace

bool OpaqueParts::AddMessage(const JsonValue& message) {
  for (const absl::string_view name : kLists) {
    const JsonValue* list = Member(&message, name);
    if (list == nullptr || !list->IsArray()) continue;
    for (const JsonValue& element : list->GetArray()) {
      std::optional<std::string> json = JsonOf(element);
      if (!json.has_value()) return false;
      bytes_ += json->size();
      lists_[std::string(name)].push_back(*std::move(json));
    }
  }
  return AddLast(message, members_);
}

bool OpaqueParts::AddToolCall(absl::string_view id, const JsonValue& call) {
  Members members;
  if (!AddLast(call, members)) return false;
  if (!members.empty()) calls_[std::string(id)] = std::move(members);
  return true;
}

bool OpaqueParts::AddLast(const JsonValue& value, Members& members) {
  for (const absl::string_view name : kWhole) {
    const JsonValue* member = Member(&value, name);
    if (member == nullptr) continue;
    std::optional<std::string> json = JsonOf(*member);
    if (!json.has_value()) return false;
    bytes_ += json->size();
    members[std::string(name)] = *std::move(json);
  }
  return true;
}

std::string OpaqueParts::Json() const {
  if (lists_.empty() && members_.empty() && calls_.empty()) return "";
  JsonBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  for (const auto& [name, elements] : lists_) {
    WriteRawMember(writer, name,
                   absl::StrCat("[", absl::StrJoin(elements, ","), "]"));
  }
  WriteMembers(members_, writer);
  if (!calls_.empty()) {
    WriteKey(writer, "tool_calls");
    writer.StartObject();
    for (const auto& [id, members] : calls_) {
      WriteKey(writer, id);
      writer.StartObject();
      WriteMembers(members, writer);
      writer.EndObject();
    }
    writer.EndObject();
  }
  writer.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize());
}

}  // namespace holysheep
