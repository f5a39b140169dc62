#include "openai/message_codec.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "chat/opaque_json.h"
#include "holysheep/node/v1/chat.pb.h"
#include "json/json.h"

namespace holysheep {
namespace {

// Only OpenAI's own models know the role `developer`: gpt-*, o1, o3-mini.
bool KnowsDeveloper(absl::string_view model) {
  return absl::StartsWith(model, "gpt-") ||
         (model.size() >= 2 && model[0] == 'o' &&
          absl::ascii_isdigit(static_cast<unsigned char>(model[1])));
}

// The members to be sent back with each tool call, by its id.
using CallExtras = absl::flat_hash_map<std::string, absl::string_view>;

// The order of the members is fixed, so that equal requests have equal bytes.
class MessagesWriter {
 public:
  MessagesWriter(const MessageContext& context, JsonWriter& writer)
      : context_(context), writer_(writer) {}

  void Write(const pb::InvokeRequest& request);

 private:
  void WriteQuery(const pb::InvokeRequest& request);
  void WriteMessage(const pb::Message& message, int index);
  void WriteRole(pb::Message::Role role, absl::string_view path);
  void WriteContent(const pb::Message& message, absl::string_view path,
                    absl::string_view instruction);
  void WriteReasoning(const pb::Message& message, absl::string_view path);
  CallExtras WriteOpaque(const pb::Message& message);
  void WriteToolCalls(const pb::Message& message, CallExtras extras);
  void WriteSystem(absl::string_view text);

  const MessageContext& context_;
  JsonWriter& writer_;
};

void MessagesWriter::Write(const pb::InvokeRequest& request) {
  writer_.StartArray();
  if (request.messages().empty()) {
    WriteQuery(request);
  } else if (!context_.instruction.empty() &&
             request.messages(0).role() != pb::Message::SYSTEM) {
    WriteSystem(context_.instruction);
  }
  for (int i = 0; i < request.messages_size(); ++i) {
    WriteMessage(request.messages(i), i);
  }
  writer_.EndArray();
}

// The short form of a conversation: system prompt and one question.
void MessagesWriter::WriteQuery(const pb::InvokeRequest& request) {
  const absl::string_view system = request.system_prompt();
  const absl::string_view gap =
      system.empty() || context_.instruction.empty() ? "" : "\n\n";
  if (!system.empty() || !context_.instruction.empty()) {
    WriteSystem(absl::StrCat(system, gap, context_.instruction));
  }
  writer_.StartObject();
  WriteMember(writer_, "role", "user");
  WriteMember(writer_, "content", request.query());
  writer_.EndObject();
}

void MessagesWriter::WriteSystem(absl::string_view text) {
  writer_.StartObject();
  WriteMember(writer_, "role", "system");
  WriteMember(writer_, "content", text);
  writer_.EndObject();
}

void MessagesWriter::WriteMessage(const pb::Message& message, int index) {
  const std::string path = absl::StrCat("messages[", index, "]");
  writer_.StartObject();
  WriteRole(message.role(), path);
  const bool takes_instruction =
      index == 0 && message.role() == pb::Message::SYSTEM;
  WriteContent(message, path,
               takes_instruction ? context_.instruction : absl::string_view());
  if (!message.name().empty()) WriteMember(writer_, "name", message.name());
  if (!message.tool_call_id().empty()) {
    WriteMember(writer_, "tool_call_id", message.tool_call_id());
  }
  WriteReasoning(message, path);
  WriteToolCalls(message, WriteOpaque(message));
  writer_.EndObject();
}

// Writes the members of opaque_json that are sent back, except those of the
// tool calls, which it returns as views into the message.
CallExtras MessagesWriter::WriteOpaque(const pb::Message& message) {
  CallExtras extras;
  for (const JsonMember& member : MembersSentBack(message.opaque_json())) {
    if (member.name != "tool_calls") {
      WriteRawMember(writer_, member.name, member.value);
      continue;
    }
    for (JsonMember& call : MembersOfChecked(member.value)) {
      extras.emplace(std::move(call.name), call.value);
    }
  }
  return extras;
}

void MessagesWriter::WriteRole(pb::Message::Role role, absl::string_view path) {
  absl::string_view name = "user";
  switch (role) {
    case pb::Message::SYSTEM:
      name = "system";
      break;
    case pb::Message::ASSISTANT:
      name = "assistant";
      break;
    case pb::Message::TOOL:
      name = "tool";
      break;
    case pb::Message::DEVELOPER:
      if (KnowsDeveloper(context_.model.id)) {
        name = "developer";
      } else {
        name = "system";
        context_.warnings.push_back(absl::StrCat(
            path, ".role: sent as system, since ", context_.model.id,
            " does not know the role developer"));
      }
      break;
    default:
      break;
  }
  WriteMember(writer_, "role", name);
}

void MessagesWriter::WriteContent(const pb::Message& message,
                                  absl::string_view path,
                                  absl::string_view instruction) {
  WriteKey(writer_, "content");
  const bool plain = message.parts_size() == 0 ||
                     (message.parts_size() == 1 && message.parts(0).has_text());
  if (message.parts_size() == 0 && !message.tool_calls().empty()) {
    writer_.Null();
  } else if (plain) {
    absl::string_view text;
    if (message.parts_size() == 1) text = message.parts(0).text();
    const absl::string_view gap =
        text.empty() || instruction.empty() ? "" : "\n\n";
    if (instruction.empty()) {
      WriteText(writer_, text);
    } else {
      WriteText(writer_, absl::StrCat(text, gap, instruction));
    }
  } else {
    writer_.StartArray();
    for (int i = 0; i < message.parts_size(); ++i) {
      WritePart(message.parts(i), absl::StrCat(path, ".parts[", i, "]"),
                context_, writer_);
    }
    if (!instruction.empty()) {
      pb::Part part;
      part.set_text(std::string(instruction));
      WritePart(part, path, context_, writer_);
    }
    writer_.EndArray();
  }
}

void MessagesWriter::WriteReasoning(const pb::Message& message,
                                    absl::string_view path) {
  if (message.reasoning().empty()) return;
  if (context_.model.Can(Capability::kReasoning)) {
    WriteMember(writer_, "reasoning_content", message.reasoning());
  } else {
    context_.warnings.push_back(
        absl::StrCat(path, ".reasoning was dropped: ", context_.model.id,
                     " does not reason"));
  }
}

void MessagesWriter::WriteToolCalls(const pb::Message& message,
                                    CallExtras extras) {
  if (message.tool_calls().empty()) return;
  WriteKey(writer_, "tool_calls");
  writer_.StartArray();
  for (const pb::ToolCall& call : message.tool_calls()) {
    writer_.StartObject();
    WriteMember(writer_, "id", call.id());
    WriteMember(writer_, "type", "function");
    WriteKey(writer_, "function");
    writer_.StartObject();
    WriteMember(writer_, "name", call.name());
    // Upstreams refuse arguments that are not JSON.
    WriteMember(writer_, "arguments",
                call.arguments_json().empty() ? "{}" : call.arguments_json());
    writer_.EndObject();
    // Sent once, however many calls share an id: otherwise the request could
    // grow beyond its bounds.
    const auto extra = extras.extract(call.id());
    if (!extra.empty()) {
      for (const JsonMember& member : MembersOfChecked(extra.mapped())) {
        WriteRawMember(writer_, member.name, member.value);
      }
    }
    writer_.EndObject();
  }
  writer_.EndArray();
}

}  // namespace

void WriteMessages(const pb::InvokeRequest& request,
                   const MessageContext& context, JsonWriter& writer) {
  MessagesWriter(context, writer).Write(request);
}

}  // namespace holysheep
