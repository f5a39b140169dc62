#include "openai/completion_decoder.h"

#include "base/utf8.h"
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
// content, refusal, tool calls. `said()` never decreases.

absl::Status CompletionDecoder::Decode(const JsonValue& value,
                                       OnDelta on_delta) {
  if (!value.IsObject()) return Malformed("it is not a JSON object");
  SetOnce(Member(&value, "id"), id_);
  SetOnce(Member(&value, "model"), model_);
  SetOnce(Member(&value, "system_fingerprint"), fingerprint_);
  DecodeUsageIn(value);
  const JsonValue* choices = Member(&value, "choices");
  if (choices == nullptr) return absl::OkStatus();
  if (!choices->IsArray()) return Malformed("`choices` is not an array");
  opaque_.AddAnswer(value);
  return DecodeChoices(*choices, on_delta);
}

// Some upstreams report the running count in every chunk, or its parts in
// different ones.
void CompletionDecoder::DecodeUsageIn(const JsonValue& value) {
  for (const JsonValue* holder :
       {Member(&value, "x_groq"), FirstChoice(value), &value}) {
    const JsonValue* usage = Member(holder, "usage");
    if (usage == nullptr) continue;
    if (auto counts = DecodeUsage(*usage)) Update(*counts, usage_);
  }
}

// Whether the answer has resumed is known only here: content in a chunk after
// the one with the finish reason. Some upstreams split an answer into several
// choices; then the finish reason that says most counts.
absl::Status CompletionDecoder::DecodeChoices(const JsonValue& choices,
                                              OnDelta on_delta) {
  const size_t said_before = said();
  absl::string_view word;
  for (const JsonValue& choice : choices.GetArray()) {
    if (CountOf(Member(&choice, "index")).value_or(0) != 0) {
      dropped_choices_ = true;
      continue;
    }
    if (auto status = DecodeChoice(choice, on_delta); !status.ok()) {
      return status;
    }
    const Finish meaning = MeaningOf(word);
    const bool is_weak = meaning == Finish::kNone || meaning == Finish::kStop ||
                         meaning == Finish::kToolCalls;
    const absl::string_view next = FinishWordIn(choice);
    if (is_weak && !next.empty()) word = next;
  }
  if (said() > said_before && !finish_word_.empty()) resumed_ = true;
  if (word.empty()) return absl::OkStatus();
  finish_word_ = ValidUtf8(word);
  expects_end_ = said_something();
  return absl::OkStatus();
}

absl::Status CompletionDecoder::DecodeChoice(const JsonValue& choice,
                                             OnDelta on_delta) {
  if (!choice.IsObject()) return Malformed("a choice is not an object");
  has_choice_ = true;
  opaque_.AddChoice(choice);
  const JsonValue* message = Member(&choice, "delta");
  const bool is_whole = message == nullptr;
  if (is_whole) message = Member(&choice, "message");
  if (message == nullptr) return absl::OkStatus();
  if (!message->IsObject()) return Malformed("a message is not an object");
  return DecodeMessage(*message, is_whole, on_delta);
}

absl::Status CompletionDecoder::DecodeMessage(const JsonValue& message,
                                              bool is_whole, OnDelta on_delta) {
  // If both fields are present they say the same.
  absl::string_view reasoning = TextOf(Member(&message, "reasoning_content"));
  if (reasoning.empty()) reasoning = TextOf(Member(&message, "reasoning"));
  if (auto status = voices_.SayReasoning(reasoning, on_delta); !status.ok()) {
    return status;
  }
  if (const JsonValue* content = Member(&message, "content")) {
    if (auto status = DecodeContent(*content, on_delta); !status.ok()) {
      return status;
    }
  }
  const absl::string_view refusal = TextOf(Member(&message, "refusal"));
  if (auto status = voices_.SayRefusal(refusal, on_delta); !status.ok()) {
    return status;
  }
  opaque_.AddMessage(message);
  auto status = calls_.Decode(message, is_whole, opaque_,
                              [this, on_delta](const pb::ToolCallDelta& call) {
                                return voices_.SayCall(call, on_delta);
                              });
  return status.ok() ? voices_.CheckRoomFor(calls_.held_bytes()) : status;
}

absl::Status CompletionDecoder::DecodeContent(const JsonValue& content,
                                              OnDelta on_delta) {
  if (content.IsString()) return voices_.SayText(TextOf(&content), on_delta);
  if (content.IsObject()) return DecodePart(content, on_delta);
  if (!content.IsArray()) return Malformed("`content` is not a text");
  for (const JsonValue& part : content.GetArray()) {
    if (auto status = DecodePart(part, on_delta); !status.ok()) return status;
  }
  return absl::OkStatus();
}

// Parts of unknown types are kept for the caller.
absl::Status CompletionDecoder::DecodePart(const JsonValue& part,
                                           OnDelta on_delta) {
  if (part.IsString()) return voices_.SayText(TextOf(&part), on_delta);
  const absl::string_view type = TextOf(Member(&part, "type"));
  const bool thinks = type == "thinking" || type == "reasoning";
  const JsonValue* text = Member(&part, "text");
  if (text != nullptr && text->IsString()) {
    return thinks ? voices_.SayReasoning(TextOf(text), on_delta)
                  : voices_.SayText(TextOf(text), on_delta);
  }
  if (type == "refusal") {
    return voices_.SayRefusal(TextOf(Member(&part, "refusal")), on_delta);
  }
  const JsonValue* thinking = Member(&part, "thinking");
  if (!thinks || thinking == nullptr) {
    if (!part.IsNull()) opaque_.AddPart(part);
    return absl::OkStatus();
  }
  if (!thinking->IsArray()) {
    return voices_.SayReasoning(TextOf(thinking), on_delta);
  }
  for (const JsonValue& piece : thinking->GetArray()) {
    const absl::string_view said = TextOf(Member(&piece, "text"));
    if (auto status = voices_.SayReasoning(said, on_delta); !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

absl::Status CompletionDecoder::End(OnDelta on_delta) {
  if (auto status = voices_.End(on_delta); !status.ok()) return status;
  return calls_.End([this, on_delta](const pb::ToolCallDelta& fragment) {
    return voices_.SayCall(fragment, on_delta);
  });
}

}  // namespace holysheep
