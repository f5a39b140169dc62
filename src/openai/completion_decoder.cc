#include "openai/completion_decoder.h"

#include "base/utf8.h"
#include "http/answer_bound.h"
#include "openai/finish_word.h"
#include "openai/malformed.h"
#include "openai/usage_codec.h"

namespace holysheep {
namespace {

// Several chunks repeat these members; the first value holds.
void SetOnce(const JsonValue* value, std::string& text) {
  if (text.empty()) text = ValidUtf8(TextOf(value));
}

}  // namespace

const JsonValue* FirstChoice(const JsonValue& completion) {
  const JsonValue* choices = Member(&completion, "choices");
  if (choices == nullptr || !choices->IsArray()) return nullptr;
  for (const JsonValue& choice : choices->GetArray()) {
    if (CountOf(Member(&choice, "index")).value_or(0) == 0) return &choice;
  }
  return nullptr;
}

// The order in which a message is decoded is that of its meaning: reasoning,
// content, refusal, tool calls. Every piece is counted before it is passed on,
// so that a caller never receives more than `max_bytes_`.

absl::Status CompletionDecoder::Decode(const JsonValue& value,
                                       OnDelta on_delta) {
  if (!value.IsObject()) return Malformed("it is not a JSON object");
  SetOnce(Member(&value, "id"), id_);
  SetOnce(Member(&value, "model"), model_);
  SetOnce(Member(&value, "system_fingerprint"), fingerprint_);
  DecodeUsageIn(value);
  const JsonValue* choices = Member(&value, "choices");
  if (choices != nullptr && !choices->IsArray()) {
    return Malformed("`choices` is not an array");
  }
  const JsonValue* choice = FirstChoice(value);
  return choice == nullptr ? absl::OkStatus() : DecodeChoice(*choice, on_delta);
}

// Some upstreams report the running count in every chunk: the last one holds.
void CompletionDecoder::DecodeUsageIn(const JsonValue& value) {
  for (const JsonValue* holder :
       {Member(&value, "x_groq"), FirstChoice(value), &value}) {
    const JsonValue* usage = Member(holder, "usage");
    if (usage == nullptr) continue;
    if (auto counts = DecodeUsage(*usage)) usage_ = *counts;
  }
}

// Whether the answer has resumed is known only here: content in a chunk after
// the one with the finish reason.
absl::Status CompletionDecoder::DecodeChoice(const JsonValue& choice,
                                             OnDelta on_delta) {
  if (!choice.IsObject()) return Malformed("a choice is not an object");
  has_choice_ = true;
  const size_t said_before = said_ + opaque_.bytes();
  const JsonValue* message = Member(&choice, "delta");
  if (message == nullptr) message = Member(&choice, "message");
  if (message != nullptr) {
    if (!message->IsObject()) return Malformed("a message is not an object");
    if (auto status = DecodeMessage(*message, on_delta); !status.ok()) {
      return status;
    }
  }
  const bool speaks = said_ + opaque_.bytes() > said_before;
  if (speaks && !finish_word_.empty()) resumed_ = true;
  const absl::string_view word = FinishWordIn(choice);
  if (!word.empty()) {
    finish_word_ = ValidUtf8(word);
    expects_end_ = said_something();
  }
  return absl::OkStatus();
}

absl::Status CompletionDecoder::DecodeMessage(const JsonValue& message,
                                              OnDelta on_delta) {
  // If both fields are present they say the same.
  absl::string_view reasoning = TextOf(Member(&message, "reasoning_content"));
  if (reasoning.empty()) reasoning = TextOf(Member(&message, "reasoning"));
  if (auto status = Say(reasoning_, reasoning, on_delta); !status.ok()) {
    return status;
  }
  if (const JsonValue* content = Member(&message, "content")) {
    if (auto status = DecodeContent(*content, on_delta); !status.ok()) {
      return status;
    }
  }
  const absl::string_view refusal = TextOf(Member(&message, "refusal"));
  if (auto status = Say(refusal_, refusal, on_delta); !status.ok()) {
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
  if (content.IsString()) return Say(text_, TextOf(&content), on_delta);
  if (!content.IsArray()) return Malformed("`content` is not a text");
  for (const JsonValue& part : content.GetArray()) {
    if (auto status = DecodePart(part, on_delta); !status.ok()) return status;
  }
  return absl::OkStatus();
}

// Parts of unknown types are dropped, and the answer says so.
absl::Status CompletionDecoder::DecodePart(const JsonValue& part,
                                           OnDelta on_delta) {
  const absl::string_view type = TextOf(Member(&part, "type"));
  const JsonValue* text = Member(&part, "text");
  if (text != nullptr && text->IsString()) {
    return Say(text_, TextOf(text), on_delta);
  }
  if (type == "refusal") {
    return Say(refusal_, TextOf(Member(&part, "refusal")), on_delta);
  }
  const JsonValue* thinking = Member(&part, "thinking");
  if (type != "thinking" || thinking == nullptr) {
    dropped_content_ = true;
    return absl::OkStatus();
  }
  if (!thinking->IsArray()) return Say(reasoning_, TextOf(thinking), on_delta);
  for (const JsonValue& piece : thinking->GetArray()) {
    auto status = Say(reasoning_, TextOf(Member(&piece, "text")), on_delta);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// A character that is still incomplete becomes U+FFFD.
absl::Status CompletionDecoder::End(OnDelta on_delta) {
  for (Voice* voice : {&reasoning_, &text_, &refusal_}) {
    auto status = Send(*voice, voice->joiner.End(), on_delta);
    if (!status.ok()) return status;
  }
  return calls_.End([this, on_delta](const pb::ToolCallDelta& fragment) {
    return PassToolCall(fragment, on_delta);
  });
}

absl::Status CompletionDecoder::PassToolCall(const pb::ToolCallDelta& fragment,
                                             OnDelta on_delta) {
  ++said_;
  *event_.mutable_tool_call() = fragment;
  return Pass(fragment.name().size() + fragment.arguments_fragment().size(),
              on_delta);
}

absl::Status CompletionDecoder::Say(Voice& voice, absl::string_view text,
                                    OnDelta on_delta) {
  if (text.empty()) return absl::OkStatus();
  ++said_;
  return Send(voice, voice.joiner.Add(text), on_delta);
}

absl::Status CompletionDecoder::Send(const Voice& voice, absl::string_view text,
                                     OnDelta on_delta) {
  if (text.empty()) return absl::OkStatus();
  (event_.*voice.field)()->assign(text.data(), text.size());
  return Pass(text.size(), on_delta);
}

// Checked before the piece is passed on.
absl::Status CompletionDecoder::Pass(size_t bytes, OnDelta on_delta) {
  answer_bytes_ += bytes;
  if (auto status = CheckSize(); !status.ok()) return status;
  on_delta(event_);
  return absl::OkStatus();
}

absl::Status CompletionDecoder::CheckSize() const {
  if (answer_bytes_ + opaque_.bytes() <= max_bytes_) return absl::OkStatus();
  return AnswerTooLong(max_bytes_);
}

}  // namespace holysheep
