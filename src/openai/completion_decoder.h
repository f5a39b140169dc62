#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/utf8.h"
#include "holysheep/node/v1/chat.pb.h"
#include "json/json_dom.h"
#include "openai/opaque_parts.h"
#include "openai/tool_call_decoder.h"

namespace holysheep {

namespace pb = node::v1;

// Returns the choice with the index 0 or without an index; null if there is
// none. Others are ignored. Valid as long as `completion`.
const JsonValue* FirstChoice(const JsonValue& completion);

// Decodes the JSON values of one answer: the chunks of a stream, or one whole
// chat completion. Only the first choice counts. Not thread-safe. Internal to
// the response codec.
class CompletionDecoder {
 public:
  using OnDelta = absl::FunctionRef<void(const pb::InvokeEvent&)>;

  // `max_bytes` bounds the sum of all texts of the answer.
  explicit CompletionDecoder(size_t max_bytes) : max_bytes_(max_bytes) {}

  // Decodes a chat.completion.chunk or chat.completion and passes its pieces to
  // `on_delta`. Returns UPSTREAM_MALFORMED if it has the wrong shape.
  absl::Status Decode(const JsonValue& value, OnDelta on_delta);

  // Ends the answer: passes on the pieces that are known only now, such as `{}`
  // for a call without arguments.
  absl::Status End(OnDelta on_delta);

  // The functions below describe what has been decoded so far.
  bool has_choice() const { return has_choice_; }
  // Whether there was any text, call or part, including those that were
  // dropped.
  bool said_something() const {
    return said_ + opaque_.bytes() > 0 || dropped_content_;
  }
  // The last finish reason, which content may still follow; empty if there was
  // none.
  const std::string& finish_word() const { return finish_word_; }
  // Whether the answer had said something when the finish reason came.
  bool expects_end() const { return expects_end_; }
  // Whether content came in a later chunk than the finish reason.
  bool resumed() const { return resumed_; }
  const std::optional<pb::Usage>& usage() const { return usage_; }
  const std::string& id() const { return id_; }
  const std::string& model() const { return model_; }
  const std::string& system_fingerprint() const { return fingerprint_; }
  // Parts to be sent back in a later turn, in valid UTF-8.
  const OpaqueParts& opaque() const { return opaque_; }
  bool dropped_content() const { return dropped_content_; }
  // Complete after End.
  const ToolCallDecoder& tool_calls() const { return calls_; }
  // The bytes of the answer that have been passed on.
  size_t answer_bytes() const { return answer_bytes_; }

 private:
  // One of the texts of an answer: its field in an event, and the character
  // that a chunk has split.
  struct Voice {
    std::string* (pb::InvokeEvent::*field)();
    Utf8Joiner joiner;
  };

  void DecodeUsageIn(const JsonValue& value);
  absl::Status DecodeChoice(const JsonValue& choice, OnDelta on_delta);
  absl::Status DecodeMessage(const JsonValue& message, OnDelta on_delta);
  absl::Status DecodeContent(const JsonValue& content, OnDelta on_delta);
  absl::Status DecodePart(const JsonValue& part, OnDelta on_delta);
  absl::Status PassToolCall(const pb::ToolCallDelta& fragment,
                            OnDelta on_delta);
  // Passes on the characters that `text` completes.
  absl::Status Say(Voice& voice, absl::string_view text, OnDelta on_delta);
  absl::Status Send(const Voice& voice, absl::string_view text,
                    OnDelta on_delta);
  // Passes on event_, which holds `bytes` more of the answer.
  absl::Status Pass(size_t bytes, OnDelta on_delta);
  absl::Status CheckSize() const;

  const size_t max_bytes_;
  size_t answer_bytes_ = 0;
  std::string finish_word_;
  bool expects_end_ = false;
  bool resumed_ = false;
  // The number of pieces of content, including incomplete characters.
  size_t said_ = 0;
  std::optional<pb::Usage> usage_;
  std::string id_;
  std::string model_;
  std::string fingerprint_;
  bool has_choice_ = false;
  bool dropped_content_ = false;
  Voice text_{&pb::InvokeEvent::mutable_text, {}};
  Voice reasoning_{&pb::InvokeEvent::mutable_reasoning, {}};
  Voice refusal_{&pb::InvokeEvent::mutable_refusal, {}};
  OpaqueParts opaque_;
  ToolCallDecoder calls_;
  // Reused, so that decoding a chunk allocates nothing.
  pb::InvokeEvent event_;
};

}  // namespace holysheep
