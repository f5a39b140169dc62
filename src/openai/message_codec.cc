#include "openai/message_codec.h"

#include <utility>
#include <vector>

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

// The text of a TOOL message whose parts are all media.
constexpr absl::string_view kMovedNote =
    "The result follows in the next user message.";

// TOOL messages may hold text only, so their media go into a message after
// them.
bool IsMoved(const pb::Message& message, const pb::Part& part) {
  return message.role() == pb::Message::TOOL && !part.has_text();
}

// Whether the content can be a string rather than an array of parts.
bool IsPlain(const pb::Part* only) {
  return only != nullptr && only->has_text() &&
         only->cache_control_json().empty();
}

void WriteTextPart(absl::string_view text, JsonWriter& writer) {
  writer.StartObject();
  WriteMember(writer, "type", "text");
  WriteMember(writer, "text", text);
  writer.EndObject();
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
  // Writes the media of the TOOL messages [begin, end) as a user message.
  void WriteToolMedia(const pb::InvokeRequest& request, int begin, int end);
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
  // The first of the TOOL messages that answer one turn. Nothing may stand
  // between them.
  int tools_begin = 0;
  for (int i = 0; i < request.messages_size(); ++i) {
    if (request.messages(i).role() == pb::Message::TOOL) {
      WriteMessage(request.messages(i), i);
      continue;
    }
    WriteToolMedia(request, tools_begin, i);
    WriteMessage(request.messages(i), i);
    tools_begin = i + 1;
  }
  WriteToolMedia(request, tools_begin, request.messages_size());
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
  std::vector<int> kept;
  for (int i = 0; i < message.parts_size(); ++i) {
    if (!IsMoved(message, message.parts(i))) kept.push_back(i);
  }
  const pb::Part* only = kept.size() == 1 ? &message.parts(kept[0]) : nullptr;
  if (message.parts_size() == 0 && !message.tool_calls().empty()) {
    writer_.Null();
  } else if (kept.empty() || IsPlain(only)) {
    absl::string_view text = message.parts_size() == 0 ? "" : kMovedNote;
    if (only != nullptr) text = only->text();
    const absl::string_view gap =
        text.empty() || instruction.empty() ? "" : "\n\n";
    if (instruction.empty()) {
      WriteText(writer_, text);
    } else {
      WriteText(writer_, absl::StrCat(text, gap, instruction));
    }
  } else {
    writer_.StartArray();
    for (const int i : kept) {
      WritePart(message.parts(i), absl::StrCat(path, ".parts[", i, "]"),
                context_, writer_);
    }
    if (!instruction.empty()) WriteTextPart(instruction, writer_);
    writer_.EndArray();
  }
}

void MessagesWriter::WriteToolMedia(const pb::InvokeRequest& request, int begin,
                                    int end) {
  std::vector<std::pair<int, int>> moved;
  bool one_message = true;
  for (int i = begin; i < end; ++i) {
    const pb::Message& message = request.messages(i);
    for (int j = 0; j < message.parts_size(); ++j) {
      if (!IsMoved(message, message.parts(j))) continue;
      moved.emplace_back(i, j);
      one_message = one_message && moved.front().first == i;
    }
  }
  if (moved.empty()) return;
  writer_.StartObject();
  WriteMember(writer_, "role", "user");
  WriteKey(writer_, "content");
  writer_.StartArray();
  int labelled = -1;
  for (const auto& [i, j] : moved) {
    if (!one_message && labelled != i) {
      WriteTextPart(absl::StrCat("Result of the tool call ",
                                 request.messages(i).tool_call_id(), ":"),
                    writer_);
      labelled = i;
    }
    WritePart(request.messages(i).parts(j),
              absl::StrCat("messages[", i, "].parts[", j, "]"), context_,
              writer_);
  }
  writer_.EndArray();
  writer_.EndObject();
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
