#include "openai/request_codec.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "chat/needs.h"
#include "chat/sampling_plan.h"
#include "holysheep/node/v1/chat.pb.h"
#include "json/json.h"
#include "json/json_writer.h"
#include "openai/message_codec.h"
#include "openai/tool_codec.h"

namespace holysheep {
namespace {

// Part of the prompt, and so of what a model sees: changing a word changes
// answers, but not the cache key.
constexpr absl::string_view kJsonInstruction =
    "Answer with one JSON object and nothing else: no explanation and no code "
    "fence.";
constexpr absl::string_view kSchemaInstruction =
    "Answer with JSON that keeps to the following JSON Schema, and nothing "
    "else: no explanation and no code fence.\n";
// Upstreams refuse JSON_OBJECT unless the prompt has the word JSON.
constexpr absl::string_view kJsonWord = "Answer in JSON.";

// Each message may cause one, but nobody reads thousands.
constexpr size_t kMaxWarnings = 32;

std::vector<std::string> Bounded(std::vector<std::string> warnings) {
  if (warnings.size() <= kMaxWarnings) return warnings;
  const size_t more = warnings.size() - kMaxWarnings;
  warnings.resize(kMaxWarnings);
  warnings.push_back(absl::StrCat("and ", more, " more warnings of this kind"));
  return warnings;
}

using SchemaForm = ModelWire::JsonSchema;

bool HoldsJson(absl::string_view text) {
  for (size_t at = text.find_first_of("jJ"); at != absl::string_view::npos;
       at = text.find_first_of("jJ", at + 1)) {
    if (absl::EqualsIgnoreCase(text.substr(at, 4), "json")) return true;
  }
  return false;
}

// Whether a text of the conversation has the word JSON in any case.
bool SaysJson(const pb::InvokeRequest& request) {
  if (HoldsJson(request.query()) || HoldsJson(request.system_prompt())) {
    return true;
  }
  for (const pb::Message& message : request.messages()) {
    for (const pb::Part& part : message.parts()) {
      if (HoldsJson(part.text())) return true;
    }
  }
  return false;
}

// CheckNeeds comes first, so that nothing is written for a model that cannot
// serve; PlanFormat precedes the messages, which carry its instruction.
// `extra_params_json` comes late, but has no member that was written before
// (intake/extra_params.h).
class RequestWriter {
 public:
  explicit RequestWriter(const ChatRequest& request)
      : request_(request),
        message_(*request.message),
        model_(request.target->model),
        wire_(request.wire()),
        writer_(buffer_) {
    buffer_.Reserve(message_.query().size() + 1024);
  }

  absl::StatusOr<EncodedRequest> Encode(const EncodeOptions& options);

 private:
  // Decides how much of response_format can be asked of the model.
  void PlanFormat();
  absl::Status WriteSampling();
  SchemaForm FormOfSchema() const;
  void WriteFormat();
  absl::Status WriteNumber(absl::string_view name, double value);
  void WriteInt(absl::string_view name, int64_t value);
  void WriteBool(absl::string_view name, bool value);
  void Adopt(std::vector<std::string> warnings) {
    std::move(warnings.begin(), warnings.end(), std::back_inserter(warnings_));
  }
  void Warn(absl::string_view what, absl::string_view why) {
    warnings_.push_back(absl::StrCat(what, ": ", model_.id, " ", why));
  }

  const ChatRequest& request_;
  const pb::InvokeRequest& message_;
  const ModelInfo& model_;
  const ModelWire& wire_;
  JsonBuffer buffer_;
  JsonWriter writer_;
  std::vector<std::string> warnings_;
  pb::ResponseFormat::Type format_ = pb::ResponseFormat::TEXT;
  std::string instruction_;
};

absl::StatusOr<EncodedRequest> RequestWriter::Encode(
    const EncodeOptions& options) {
  if (auto status = CheckNeeds(message_, model_, *request_.catalog);
      !status.ok()) {
    return status;
  }
  if (!request_.target->known) {
    Warn("model",
         "is not in the catalog, and is priced at 1.00 per million "
         "tokens");
  }
  PlanFormat();
  writer_.StartObject();
  WriteMember(writer_, "model", model_.id);
  WriteKey(writer_, "messages");
  const MessageContext context{model_, instruction_, warnings_};
  WriteMessages(message_, context, writer_);
  if (auto status = WriteSampling(); !status.ok()) return status;
  WriteTools(message_, context, writer_);
  WriteFormat();
  std::vector<JsonMember> extras =
      MembersOfChecked(message_.extra_params_json());
  Adopt(WriteReasoning(request_, extras, writer_));
  if (!message_.user().empty()) WriteMember(writer_, "user", message_.user());
  for (const JsonMember& extra : extras) {
    WriteRawMember(writer_, extra.name, extra.value);
  }
  WriteBool("stream", options.stream);
  if (options.stream && wire_.stream_options) {
    WriteRawMember(writer_, "stream_options", R"({"include_usage":true})");
  }
  writer_.EndObject();
  return EncodedRequest{std::string(buffer_.GetString(), buffer_.GetSize()),
                        options.stream, Bounded(std::move(warnings_))};
}

SchemaForm RequestWriter::FormOfSchema() const {
  if (wire_.json_schema.has_value()) return *wire_.json_schema;
  if (model_.Can(Capability::kJsonSchema)) return SchemaForm::kNative;
  return model_.Can(Capability::kJsonObject) ? SchemaForm::kJsonObject
                                             : SchemaForm::kPrompt;
}

void RequestWriter::PlanFormat() {
  const pb::ResponseFormat& wanted = message_.response_format();
  format_ = wanted.type();
  if (format_ == pb::ResponseFormat::JSON_SCHEMA) {
    const SchemaForm form = FormOfSchema();
    if (form == SchemaForm::kNative) return;
    Warn("response_format",
         "does not know JSON_SCHEMA, so the schema was put into the prompt");
    instruction_ = absl::StrCat(kSchemaInstruction, wanted.schema_json());
    format_ = form == SchemaForm::kJsonObject ? pb::ResponseFormat::JSON_OBJECT
                                              : pb::ResponseFormat::TEXT;
  } else if (format_ == pb::ResponseFormat::JSON_OBJECT) {
    if (!model_.Can(Capability::kJsonObject)) {
      Warn("response_format",
           "does not know JSON_OBJECT, so the prompt asks for JSON");
      instruction_ = std::string(kJsonInstruction);
      format_ = pb::ResponseFormat::TEXT;
    } else if (!SaysJson(message_)) {
      instruction_ = std::string(kJsonWord);
    }
  }
}

absl::Status RequestWriter::WriteSampling() {
  SamplingPlan plan = PlanSampling(request_);
  Adopt(std::move(plan.warnings));
  const std::pair<absl::string_view, std::optional<double>> numbers[] = {
      {"temperature", plan.temperature},
      {"top_p", plan.top_p},
      {"presence_penalty", message_.has_presence_penalty()
                               ? std::optional(message_.presence_penalty())
                               : std::nullopt},
      {"frequency_penalty", message_.has_frequency_penalty()
                                ? std::optional(message_.frequency_penalty())
                                : std::nullopt},
  };
  for (const auto& [name, value] : numbers) {
    if (!value.has_value()) continue;
    if (auto status = WriteNumber(name, *value); !status.ok()) return status;
  }
  if (plan.max_tokens.has_value()) {
    WriteInt(wire_.max_tokens == ModelWire::MaxTokens::kMaxCompletionTokens
                 ? "max_completion_tokens"
                 : "max_tokens",
             *plan.max_tokens);
  }
  if (message_.has_top_k()) WriteInt("top_k", message_.top_k());
  if (message_.has_seed()) WriteInt("seed", message_.seed());
  if (!message_.stop().empty()) {
    WriteKey(writer_, "stop");
    writer_.StartArray();
    for (const std::string& stop : message_.stop()) WriteText(writer_, stop);
    writer_.EndArray();
  }
  return absl::OkStatus();
}

void RequestWriter::WriteFormat() {
  if (format_ == pb::ResponseFormat::JSON_OBJECT) {
    WriteRawMember(writer_, "response_format", R"({"type":"json_object"})");
  }
  if (format_ != pb::ResponseFormat::JSON_SCHEMA) return;
  const pb::ResponseFormat& format = message_.response_format();
  WriteKey(writer_, "response_format");
  writer_.StartObject();
  WriteMember(writer_, "type", "json_schema");
  WriteKey(writer_, "json_schema");
  writer_.StartObject();
  WriteMember(writer_, "name",
              format.name().empty() ? "response" : format.name());
  WriteRawMember(writer_, "schema", format.schema_json());
  if (format.has_strict()) WriteBool("strict", format.strict());
  writer_.EndObject();
  writer_.EndObject();
}

absl::Status RequestWriter::WriteNumber(absl::string_view name, double value) {
  if (!std::isfinite(value)) return InvalidField(name, "is not a number");
  WriteKey(writer_, name);
  writer_.Double(value);
  return absl::OkStatus();
}

void RequestWriter::WriteInt(absl::string_view name, int64_t value) {
  WriteKey(writer_, name);
  writer_.Int64(value);
}

void RequestWriter::WriteBool(absl::string_view name, bool value) {
  WriteKey(writer_, name);
  writer_.Bool(value);
}

}  // namespace

absl::StatusOr<EncodedRequest> EncodeRequest(const ChatRequest& request,
                                             const EncodeOptions& options) {
  return RequestWriter(request).Encode(options);
}

}  // namespace holysheep
