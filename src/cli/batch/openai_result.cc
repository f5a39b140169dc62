#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/sha256.h"
#include "cli/batch/result_format.h"
#include "json/json_writer.h"

namespace holysheep::cli {
namespace {

void WriteCount(JsonWriter& writer, absl::string_view name, int64_t count) {
  WriteKey(writer, name);
  writer.Int64(count);
}

void WriteNull(JsonWriter& writer, absl::string_view name) {
  WriteKey(writer, name);
  writer.Null();
}

// An empty text is null, as OpenAI writes what is not there.
void WriteTextOrNull(JsonWriter& writer, absl::string_view name,
                     absl::string_view text) {
  text.empty() ? WriteNull(writer, name) : WriteMember(writer, name, text);
}

absl::string_view FinishReasonOf(const pb::InvokeResponse& response) {
  switch (response.finish_reason()) {
    case pb::InvokeResponse::STOP:
      return "stop";
    case pb::InvokeResponse::LENGTH:
      return "length";
    case pb::InvokeResponse::TOOL_CALLS:
      return "tool_calls";
    case pb::InvokeResponse::CONTENT_FILTER:
      return "content_filter";
    default:
      return response.finish_reason_raw();
  }
}

void WriteToolCalls(const pb::InvokeResponse& response, JsonWriter& writer) {
  if (response.tool_calls().empty()) return;
  WriteKey(writer, "tool_calls");
  writer.StartArray();
  for (const pb::ToolCall& call : response.tool_calls()) {
    writer.StartObject();
    WriteMember(writer, "id", call.id());
    WriteMember(writer, "type", "function");
    WriteKey(writer, "function");
    writer.StartObject();
    WriteMember(writer, "name", call.name());
    WriteMember(writer, "arguments", call.arguments_json());
    writer.EndObject();
    writer.EndObject();
  }
  writer.EndArray();
}

void WriteChoice(const pb::InvokeResponse& response, JsonWriter& writer) {
  writer.StartObject();
  WriteCount(writer, "index", 0);
  WriteKey(writer, "message");
  writer.StartObject();
  WriteMember(writer, "role", "assistant");
  const bool has_text =
      !response.result().empty() ||
      (response.tool_calls().empty() && response.refusal().empty());
  has_text ? WriteMember(writer, "content", response.result())
           : WriteNull(writer, "content");
  WriteTextOrNull(writer, "refusal", response.refusal());
  if (!response.reasoning().empty()) {
    WriteMember(writer, "reasoning_content", response.reasoning());
  }
  WriteToolCalls(response, writer);
  writer.EndObject();
  WriteNull(writer, "logprobs");
  WriteMember(writer, "finish_reason", FinishReasonOf(response));
  writer.EndObject();
}

void WriteUsage(const pb::Usage& usage, JsonWriter& writer) {
  WriteKey(writer, "usage");
  writer.StartObject();
  WriteCount(writer, "prompt_tokens", usage.prompt_tokens());
  WriteCount(writer, "completion_tokens", usage.completion_tokens());
  WriteCount(writer, "total_tokens", usage.total_tokens());
  WriteKey(writer, "prompt_tokens_details");
  writer.StartObject();
  WriteCount(writer, "cached_tokens", usage.cached_prompt_tokens());
  writer.EndObject();
  WriteKey(writer, "completion_tokens_details");
  writer.StartObject();
  WriteCount(writer, "reasoning_tokens", usage.reasoning_tokens());
  writer.EndObject();
  writer.EndObject();
}

void WriteResponse(const pb::InvokeResponse& response, int64_t created,
                   JsonWriter& writer) {
  WriteKey(writer, "response");
  writer.StartObject();
  WriteCount(writer, "status_code", 200);
  WriteMember(writer, "request_id", response.request_id());
  WriteKey(writer, "body");
  writer.StartObject();
  WriteMember(writer, "id", absl::StrCat("chatcmpl-", response.request_id()));
  WriteMember(writer, "object", "chat.completion");
  WriteCount(writer, "created", created);
  WriteMember(writer, "model", response.model_used());
  WriteKey(writer, "choices");
  writer.StartArray();
  WriteChoice(response, writer);
  writer.EndArray();
  WriteUsage(response.usage(), writer);
  WriteTextOrNull(writer, "system_fingerprint", response.system_fingerprint());
  writer.EndObject();
  writer.EndObject();
  WriteNull(writer, "error");
}

void WriteError(const pb::Error& error, JsonWriter& writer) {
  WriteNull(writer, "response");
  WriteKey(writer, "error");
  writer.StartObject();
  WriteMember(writer, "code", absl::AsciiStrToLower(error.reason()));
  WriteMember(writer, "message", error.message());
  writer.EndObject();
}

}  // namespace

std::string OpenAiResultLine(const pb::BatchResult& result, int64_t created) {
  JsonBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  const std::string digest =
      Sha256(absl::StrCat(result.index(), "/", result.id()));
  WriteMember(
      writer, "id",
      absl::StrCat("batch_req_", absl::BytesToHexString(digest.substr(0, 12))));
  WriteMember(writer, "custom_id", result.id());
  if (result.has_response()) {
    WriteResponse(result.response(), created, writer);
  } else {
    WriteError(result.error(), writer);
  }
  writer.EndObject();
  return absl::StrCat(absl::string_view(buffer.GetString(), buffer.GetSize()),
                      "\n");
}

}  // namespace holysheep::cli
