#include "upstream/completion_decoder.h"

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "upstream/malformed.h"
#include "upstream/usage_codec.h"

namespace holysheep {
namespace {

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
  return calls_.Decode(message, id_, opaque_,
                       [this, on_delta](const pb::ToolCallDelta& fragment) {
                         return PassToolCall(fragment, on_delta);
                       });
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

absl::Status CompletionDecoder::End(OnDelta on_delta) {
  return calls_.End([this, on_delta](const pb::ToolCallDelta& fragment) {
    return PassToolCall(fragment, on_delta);
  });
}

absl::Status CompletionDecoder::PassToolCall(const pb::ToolCallDelta& fragment,
                                             OnDelta on_delta) {
  *event_.mutable_tool_call() = fragment;
  return Pass(fragment.name().size() + fragment.arguments_fragment().size(),
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
