#pragma once

#include <string>

#include "absl/random/bit_gen_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "holysheep/node/v1/chat.pb.h"
#include "json/json_dom.h"
#include "openai/opaque_parts.h"
#include "openai/reading/answer_voices.h"
#include "openai/tool_call_decoder.h"
#include "policy/usage_check.h"

namespace holysheep {

namespace pb = node::v1;

// Returns the first choice with the index 0 or without an index; null if there
// is none. Valid as long as `completion`.
const JsonValue* FirstChoice(const JsonValue& completion);

// Decodes the JSON values of one answer: the chunks of a stream, or one whole
// chat completion. Choices with the index 0 or without one are one answer,
// others are dropped. Not thread-safe. Internal to the response codec.
class CompletionDecoder {
 public:
  using OnDelta = AnswerVoices::OnDelta;

  // `max_bytes` bounds the sum of all texts of the answer, and with
  // OpaqueParts::kMaxBytes its other parts. `think_tags` is as in AnswerVoices,
  // `random` as in ToolCallDecoder.
  CompletionDecoder(size_t max_bytes, bool think_tags, absl::BitGenRef random)
      : voices_(max_bytes, think_tags), opaque_(max_bytes), calls_(random) {}

  // Decodes a chat.completion.chunk or chat.completion and passes its pieces to
  // `on_delta`. Returns UPSTREAM_MALFORMED if it has the wrong shape.
  absl::Status Decode(const JsonValue& value, OnDelta on_delta);

  // Ends the answer: passes on the pieces that are known only now, such as `{}`
  // for a call without arguments.
  absl::Status End(OnDelta on_delta);

  // The functions below describe what has been decoded so far.
  bool has_choice() const { return has_choice_; }
  // The number of texts, calls and parts, including what is not passed on yet
  // or did not fit.
  size_t said() const {
    return voices_.said() + calls_.said() + opaque_.said();
  }
  bool said_something() const { return said() > 0; }
  // The last finish reason, which content may still follow; empty if there was
  // none.
  const std::string& finish_word() const { return finish_word_; }
  // Whether the answer had said something when the finish reason came.
  bool expects_end() const { return expects_end_; }
  // Whether content came in a later chunk than the finish reason.
  bool resumed() const { return resumed_; }
  // What has been reported, under `usage` of a value, of its first choice or of
  // `x_groq`; without counts if nothing was.
  const ReportedUsage& usage() const { return usage_; }
  const std::string& id() const { return id_; }
  const std::string& model() const { return model_; }
  const std::string& system_fingerprint() const { return fingerprint_; }
  // Parts that have no field.
  OpaqueParts& opaque() { return opaque_; }
  // Whether there were choices of another index.
  bool dropped_choices() const { return dropped_choices_; }
  // Complete after End.
  const ToolCallDecoder& tool_calls() const { return calls_; }
  // The bytes of the answer that have been passed on.
  size_t answer_bytes() const { return voices_.bytes(); }
  // Those of them that are reasoning.
  size_t reasoning_bytes() const { return voices_.reasoning_bytes(); }

 private:
  void DecodeUsageIn(const JsonValue& value);
  absl::Status DecodeChoices(const JsonValue& choices, OnDelta on_delta);
  absl::Status DecodeChoice(const JsonValue& choice, OnDelta on_delta);
  absl::Status DecodeMessage(const JsonValue& message, bool is_whole,
                             OnDelta on_delta);
  absl::Status DecodeContent(const JsonValue& content, OnDelta on_delta);
  absl::Status DecodePart(const JsonValue& part, OnDelta on_delta);

  AnswerVoices voices_;
  OpaqueParts opaque_;
  ToolCallDecoder calls_;
  std::string finish_word_;
  bool expects_end_ = false;
  bool resumed_ = false;
  ReportedUsage usage_;
  std::string id_;
  std::string model_;
  std::string fingerprint_;
  bool has_choice_ = false;
  bool dropped_choices_ = false;
};

}  // namespace holysheep
