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

// The choice of a chunk or completion that is read: of number 0, or of none;
// null if there is none.
const JsonValue* FirstChoice(const JsonValue& completion);

// Reads the JSON values that one answer is made of: the chunks of a stream, or
// one whole chat completion. Only the first choice counts. Internal to the
// response codec.
class CompletionDecoder {
 public:
  using OnDelta = absl::FunctionRef<void(const pb::InvokeEvent&)>;

  // `max_bytes` bounds all texts of the answer together.
  explicit CompletionDecoder(size_t max_bytes) : max_bytes_(max_bytes) {}

  // Reads a chat.completion.chunk or chat.completion, and passes on the pieces
  // of answer in it. UPSTREAM_MALFORMED if it has the wrong shape.
  absl::Status Decode(const JsonValue& value, OnDelta on_delta);

  // The answer is over: passes on what only now is known of it.
  absl::Status End(OnDelta on_delta);

  // What has been read so far.
  bool has_choice() const { return has_choice_; }
  // Any text, call or part, also one that was dropped.
  bool said_something() const {
    return said_ + opaque_.bytes() > 0 || dropped_content_;
  }
  // The last word for the end, which content may follow; empty if there is
  // none.
  const std::string& finish_word() const { return finish_word_; }
  // Whether the answer had said something when that word came.
  bool expects_end() const { return expects_end_; }
  // Whether content has come in a later chunk than a finish word.
  bool resumed() const { return resumed_; }
  const std::optional<pb::Usage>& usage() const { return usage_; }
  const std::string& id() const { return id_; }
  const std::string& model() const { return model_; }
  const std::string& system_fingerprint() const { return fingerprint_; }
  // In valid UTF-8.
  const OpaqueParts& opaque() const { return opaque_; }
  bool dropped_content() const { return dropped_content_; }
  // After End.
  const ToolCallDecoder& tool_calls() const { return calls_; }
  // Bytes of answer passed on.
  size_t answer_bytes() const { return answer_bytes_; }

 private:
  // One of the texts of an answer: its field of an event, and the character
  // that a chunk has cut.
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
  // Passes on what `text`, as it came, completes.
  absl::Status Say(Voice& voice, absl::string_view text, OnDelta on_delta);
  absl::Status Send(const Voice& voice, absl::string_view text,
                    OnDelta on_delta);
  // Passes event_ on, which holds `bytes` more of the answer.
  absl::Status Pass(size_t bytes, OnDelta on_delta);
  absl::Status CheckSize() const;

  const size_t max_bytes_;
  size_t answer_bytes_ = 0;
  std::string finish_word_;
  bool expects_end_ = false;
  bool resumed_ = false;
  // Pieces of content that have come, halves of characters among them.
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
  // Reused, so that a chunk allocates nothing.
  pb::InvokeEvent event_;
};

}  // namespace holysheep
