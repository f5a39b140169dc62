#include "sim/chat_question.h"

#include "absl/strings/ascii.h"
#include "base/errors.h"
#include "sim/json_reader.h"

namespace holysheep::sim {
namespace {

using rapidjson::Value;

const Value* Find(const Value& object, const char* name) {
  if (!object.IsObject()) return nullptr;
  const auto member = object.FindMember(name);
  return member == object.MemberEnd() ? nullptr : &member->value;
}

absl::string_view StringAt(const Value& object, const char* name) {
  const Value* value = Find(object, name);
  if (value == nullptr || !value->IsString()) return "";
  return absl::string_view(value->GetString(), value->GetStringLength());
}

bool BoolAt(const Value& object, const char* name) {
  const Value* value = Find(object, name);
  return value != nullptr && value->IsBool() && value->GetBool();
}

int IntAt(const Value& object, const char* name) {
  const Value* value = Find(object, name);
  return value != nullptr && value->IsInt() ? value->GetInt() : 0;
}

// The text of a message, whose content is a string or a list of parts.
std::string TextOf(const Value& message) {
  std::string text(StringAt(message, "content"));
  const Value* parts = Find(message, "content");
  if (parts == nullptr || !parts->IsArray()) return text;
  for (const Value& part : parts->GetArray()) {
    const absl::string_view piece = StringAt(part, "text");
    text.append(piece.data(), piece.size());
  }
  return text;
}

void ReadMessages(const Value& messages, ChatQuestion& question) {
  for (const Value& message : messages.GetArray()) {
    const absl::string_view role = StringAt(message, "role");
    std::string text = TextOf(message);
    question.prompt_tokens += CountWords(text);
    question.prefilled = role == "assistant";
    if (role == "user") question.prompt = std::move(text);
  }
}

}  // namespace

int CountWords(absl::string_view text) {
  int words = 0;
  bool inside = false;
  for (const char c : text) {
    const bool blank = absl::ascii_isspace(static_cast<unsigned char>(c));
    if (!blank && !inside) ++words;
    inside = !blank;
  }
  return words;
}

absl::StatusOr<ChatQuestion> ParseChatQuestion(absl::string_view body) {
  absl::StatusOr<rapidjson::Document> document = ParseJson(body);
  if (!document.ok()) return document.status();
  ChatQuestion question;
  question.model = std::string(StringAt(*document, "model"));
  if (question.model.empty()) return InvalidField("model", "is required");
  const Value* messages = Find(*document, "messages");
  if (messages == nullptr || !messages->IsArray() || messages->Empty()) {
    return InvalidField("messages", "must be a list that is not empty");
  }
  ReadMessages(*messages, question);
  question.stream = BoolAt(*document, "stream");
  if (const Value* options = Find(*document, "stream_options")) {
    question.include_usage = BoolAt(*options, "include_usage");
  }
  if (const Value* format = Find(*document, "response_format")) {
    const absl::string_view type = StringAt(*format, "type");
    question.json_mode = type == "json_object" || type == "json_schema";
  }
  question.max_tokens = IntAt(*document, "max_completion_tokens");
  if (question.max_tokens <= 0) {
    question.max_tokens = IntAt(*document, "max_tokens");
  }
  return question;
}

}  // namespace holysheep::sim
