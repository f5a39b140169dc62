#include "upstream/completion_decoder.h"

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "upstream/usage_codec.h"

namespace holysheep {
namespace {

absl::Status Malformed(absl::string_view what) {
  return MakeError(
      Reason::kUpstreamMalformed,
      absl::StrCat("the upstream's answer is no chat completion: ", what));
}

void SetOnce(const JsonValue* value, std::string& text) {
  if (!text.empty()) return;
  const absl::string_view said = TextOf(value);
  text.assign(said.data(), said.size());
}

}  // namespace

absl::Status CompletionDecoder::Decode(const JsonValue& value,
                                       OnDelta on_delta) {
  if (!value.IsObject()) return Malformed("it is no JSON object");
  SetOnce(Member(&value, "id"), id_);
  SetOnce(Member(&value, "model"), model_);
  SetOnce(Member(&value, "system_fingerprint"), fingerprint_);
  if (const JsonValue* usage = Member(&value, "usage")) {
    // Some upstreams count on in every chunk: the last one holds.
    if (auto counts = DecodeUsage(*usage)) usage_ = *counts;
  }
  const JsonValue* choices = Member(&value, "choices");
  if (choices == nullptr) return absl::OkStatus();
  if (!choices->IsArray()) return Malformed("`choices` is no array");
  for (const JsonValue& choice : choices->GetArray()) {
    if (!choice.IsObject()) return Malformed("a choice is no object");
    if (CountOf(Member(&choice, "index")).value_or(0) != 0) continue;
    return DecodeChoice(choice, on_delta);
  }
  return absl::OkStatus();
}

absl::Status CompletionDecoder::DecodeChoice(const JsonValue& choice,
                                             OnDelta on_delta) {
  has_choice_ = true;
  const JsonValue* message = Member(&choice, "delta");
  if (message == nullptr) message = Member(&choice, "message");
  if (message != nullptr) {
    if (!message->IsObject()) return Malformed("a message is no object");
    if (auto status = DecodeMessage(*message, on_delta); !status.ok()) {
      return status;
    }
  }
  const absl::string_view reason = TextOf(Member(&choice, "finish_reason"));
  if (!reason.empty()) finish_reason_ = std::string(reason);
  return absl::OkStatus();
}

absl::Status CompletionDecoder::DecodeMessage(const JsonValue& message,
                                              OnDelta on_delta) {
  // Where both are there they say the same.
  absl::string_view reasoning = TextOf(Member(&message, "reasoning_content"));
  if (reasoning.empty()) reasoning = TextOf(Member(&message, "reasoning"));
  if (auto status = PassReasoning(reasoning, on_delta); !status.ok()) {
    return status;
  }
  if (const JsonValue* content = Member(&message, "content")) {
    if (auto status = DecodeContent(*content, on_delta); !status.ok()) {
      return status;
    }
  }
  const absl::string_view refusal = TextOf(Member(&message, "refusal"));
  if (auto status = PassRefusal(refusal, on_delta); !status.ok()) {
    return status;
  }
  if (!opaque_.AddMessage(message)) return Malformed("nested too deeply");
  if (auto status = CheckSize(); !status.ok()) return status;
  return DecodeToolCalls(message, on_delta);
}

absl::Status CompletionDecoder::DecodeContent(const JsonValue& content,
                                              OnDelta on_delta) {
  if (content.IsString()) return PassText(TextOf(&content), on_delta);
  if (!content.IsArray()) return Malformed("`content` is no text");
  for (const JsonValue& part : content.GetArray()) {
    if (auto status = DecodePart(part, on_delta); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CompletionDecoder::DecodePart(const JsonValue& part,
                                           OnDelta on_delta) {
  const absl::string_view type = TextOf(Member(&part, "type"));
  const JsonValue* text = Member(&part, "text");
  if (text != nullptr && text->IsString()) {
    return PassText(TextOf(text), on_delta);
  }
  if (type == "refusal") {
    return PassRefusal(TextOf(Member(&part, "refusal")), on_delta);
  }
  const JsonValue* thinking = Member(&part, "thinking");
  if (type != "thinking" || thinking == nullptr) {
    dropped_content_ = true;
    return absl::OkStatus();
  }
  if (!thinking->IsArray()) return PassReasoning(TextOf(thinking), on_delta);
  for (const JsonValue& piece : thinking->GetArray()) {
    auto status = PassReasoning(TextOf(Member(&piece, "text")), on_delta);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CompletionDecoder::DecodeToolCalls(const JsonValue& message,
                                                OnDelta on_delta) {
  if (const JsonValue* calls = Member(&message, "tool_calls")) {
    if (!calls->IsArray()) return Malformed("`tool_calls` is no array");
    for (const JsonValue& call : calls->GetArray()) {
      if (!call.IsObject()) return Malformed("a tool call is no object");
      auto status = DecodeToolCall(call, on_delta);
      if (!status.ok()) return status;
    }
  }
  // The form before tools: one call, without number and id.
  if (const JsonValue* function = Member(&message, "function_call")) {
    return DecodeFunctionCall(*function, on_delta);
  }
  return absl::OkStatus();
}

absl::Status CompletionDecoder::DecodeToolCall(const JsonValue& call,
                                               OnDelta on_delta) {
  const JsonValue* function = Member(&call, "function");
  const absl::string_view name = TextOf(Member(function, "name"));
  const absl::string_view id = TextOf(Member(&call, "id"));
  const auto place =
      numbering_.PlaceOf({CountOf(Member(&call, "index")), id, name});
  if (!place.has_value()) return Malformed("too many tool calls");
  if (place->is_new) AddCallId(id);
  const std::string& call_id = call_ids_[static_cast<size_t>(place->index)];
  if (!opaque_.AddToolCall(call_id, call)) {
    return Malformed("nested too deeply");
  }
  return PassToolCall(*place, function, on_delta);
}

absl::Status CompletionDecoder::DecodeFunctionCall(const JsonValue& function,
                                                   OnDelta on_delta) {
  // No tool call has this number.
  constexpr int64_t kIndex = -1;
  const auto place =
      numbering_.PlaceOf({kIndex, {}, TextOf(Member(&function, "name"))});
  if (!place.has_value()) return Malformed("too many tool calls");
  if (place->is_new) AddCallId({});
  return PassToolCall(*place, &function, on_delta);
}

// A later turn needs an id, so a call without one is given one.
void CompletionDecoder::AddCallId(absl::string_view id) {
  call_ids_.push_back(id.empty()
                          ? absl::StrCat("call_", id_, "_", call_ids_.size())
                          : std::string(id));
}

absl::Status CompletionDecoder::PassToolCall(
    const ToolCallNumbering::Place& place, const JsonValue* function,
    OnDelta on_delta) {
  pb::ToolCallDelta& delta = *event_.mutable_tool_call();
  delta.Clear();
  delta.set_index(place.index);
  if (place.is_new) delta.set_id(call_ids_.back());
  if (place.takes_name) {
    delta.set_name(std::string(TextOf(Member(function, "name"))));
  }
  if (const JsonValue* arguments = Member(function, "arguments")) {
    // Some upstreams send the arguments as an object.
    auto text = arguments->IsString() ? std::string(TextOf(arguments))
                                      : JsonOf(*arguments);
    if (!text.has_value()) return Malformed("nested too deeply");
    delta.set_arguments_fragment(*std::move(text));
  }
  if (!place.is_new && !place.takes_name &&
      delta.arguments_fragment().empty()) {
    return absl::OkStatus();
  }
  return Pass(delta.name().size() + delta.arguments_fragment().size(),
              on_delta);
}

absl::Status CompletionDecoder::PassText(absl::string_view text,
                                         OnDelta on_delta) {
  if (text.empty()) return absl::OkStatus();
  event_.set_text(text.data(), text.size());
  return Pass(text.size(), on_delta);
}

absl::Status CompletionDecoder::PassReasoning(absl::string_view text,
                                              OnDelta on_delta) {
  if (text.empty()) return absl::OkStatus();
  event_.set_reasoning(text.data(), text.size());
  return Pass(text.size(), on_delta);
}

absl::Status CompletionDecoder::PassRefusal(absl::string_view text,
                                            OnDelta on_delta) {
  if (text.empty()) return absl::OkStatus();
  event_.set_refusal(text.data(), text.size());
  return Pass(text.size(), on_delta);
}

absl::Status CompletionDecoder::Pass(size_t bytes, OnDelta on_delta) {
  answer_bytes_ += bytes;
  if (auto status = CheckSize(); !status.ok()) return status;
  on_delta(event_);
  return absl::OkStatus();
}

absl::Status CompletionDecoder::CheckSize() const {
  if (answer_bytes_ + opaque_.bytes() <= max_bytes_) return absl::OkStatus();
  return MakeError(Reason::kUpstreamMalformed,
                   absl::StrCat("the upstream's answer is longer than ",
                                max_bytes_, " bytes"));
}

}  // namespace holysheep
