#include "openai/tool_codec.h"

#include "absl/strings/str_cat.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

void WriteTool(const pb::Tool& tool, JsonWriter& writer) {
  writer.StartObject();
  WriteMember(writer, "type", "function");
  WriteKey(writer, "function");
  writer.StartObject();
  WriteMember(writer, "name", tool.name());
  if (!tool.description().empty()) {
    WriteMember(writer, "description", tool.description());
  }
  if (!tool.parameters_json().empty()) {
    WriteRawMember(writer, "parameters", tool.parameters_json());
  }
  if (tool.has_strict()) {
    WriteKey(writer, "strict");
    writer.Bool(tool.strict());
  }
  writer.EndObject();
  writer.EndObject();
}

// Any other word is the name of a tool, as validation has made sure.
void WriteToolChoice(absl::string_view choice, JsonWriter& writer) {
  if (choice.empty()) return;
  if (choice == "auto" || choice == "none" || choice == "required") {
    WriteMember(writer, "tool_choice", choice);
    return;
  }
  WriteKey(writer, "tool_choice");
  writer.StartObject();
  WriteMember(writer, "type", "function");
  WriteKey(writer, "function");
  writer.StartObject();
  WriteMember(writer, "name", choice);
  writer.EndObject();
  writer.EndObject();
}

}  // namespace

void WriteTools(const pb::InvokeRequest& request, const MessageContext& context,
                JsonWriter& writer) {
  if (!request.tools().empty()) {
    WriteKey(writer, "tools");
    writer.StartArray();
    for (const pb::Tool& tool : request.tools()) WriteTool(tool, writer);
    writer.EndArray();
    WriteToolChoice(request.tool_choice(), writer);
  }
  if (!request.has_parallel_tool_calls()) return;
  if (request.tools().empty()) {
    context.warnings.push_back(
        "parallel_tool_calls was dropped: there are no tools");
  } else if (!context.model.Can(Capability::kParallelTools)) {
    context.warnings.push_back(
        absl::StrCat("parallel_tool_calls was dropped: ", context.model.id,
                     " does not let callers choose about parallel tool calls"));
  } else {
    WriteKey(writer, "parallel_tool_calls");
    writer.Bool(request.parallel_tool_calls());
  }
}

}  // namespace holysheep
