#pragma once

#include <cstddef>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/utf8.h"
#include "holysheep/node/v1/chat.pb.h"
#include "openai/reading/think_splitter.h"

namespace holysheep {

namespace pb = node::v1;

// Passes on what an answer says: text, reasoning, refusal and tool calls, as
// valid UTF-8 and within one bound for all of it. Not thread-safe. One object
// per answer, owned by its CompletionDecoder.
class AnswerVoices {
 public:
  using OnDelta = absl::FunctionRef<void(const pb::InvokeEvent&)>;

  // `max_bytes` bounds the sum of all that is passed on; more is
  // UPSTREAM_MALFORMED. With `think_tags`, a text that begins with
  // `<think>…</think>` begins with reasoning.
  AnswerVoices(size_t max_bytes, bool think_tags)
      : max_bytes_(max_bytes), think_tags_(think_tags) {}

  // Each passes on the characters that `text` completes; an empty text is
  // nothing.
  absl::Status SayText(absl::string_view text, OnDelta on_delta);
  absl::Status SayReasoning(absl::string_view text, OnDelta on_delta) {
    return Say(reasoning_, text, on_delta);
  }
  absl::Status SayRefusal(absl::string_view text, OnDelta on_delta) {
    return Say(refusal_, text, on_delta);
  }
  absl::Status SayCall(const pb::ToolCallDelta& fragment, OnDelta on_delta);

  // Ends the texts. A character that is still incomplete becomes U+FFFD.
  absl::Status End(OnDelta on_delta);

  // The number of texts so far, including incomplete characters.
  size_t said() const { return said_; }
  // The bytes that have been passed on.
  size_t bytes() const { return bytes_; }
  // Those of them that are reasoning.
  size_t reasoning_bytes() const { return reasoning_bytes_; }
  // Whether so many bytes more are within the bound.
  absl::Status CheckRoomFor(size_t bytes) const;

 private:
  // One of the texts: its field in an event, and the character that a chunk has
  // split.
  struct Voice {
    std::string* (pb::InvokeEvent::*field)();
    Utf8Joiner joiner;
  };

  absl::Status Say(Voice& voice, absl::string_view text, OnDelta on_delta);
  absl::Status Send(const Voice& voice, absl::string_view text,
                    OnDelta on_delta);
  // Passes on event_, which holds `bytes` more of the answer.
  absl::Status Pass(size_t bytes, OnDelta on_delta);

  const size_t max_bytes_;
  const bool think_tags_;
  size_t bytes_ = 0;
  size_t reasoning_bytes_ = 0;
  size_t said_ = 0;
  ThinkSplitter splitter_;
  Voice text_{&pb::InvokeEvent::mutable_text, {}};
  Voice reasoning_{&pb::InvokeEvent::mutable_reasoning, {}};
  Voice refusal_{&pb::InvokeEvent::mutable_refusal, {}};
  // Reused, so that a chunk allocates nothing.
  pb::InvokeEvent event_;
};

}  // namespace holysheep
