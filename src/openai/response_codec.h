#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace holysheep {

namespace node::v1 {
class InvokeEvent;
class InvokeResponse;
}  // namespace node::v1
namespace pb = node::v1;

struct AnswerReaderOptions {
  // Bounds the answer's texts together; more is UPSTREAM_MALFORMED.
  size_t max_answer_bytes = 4 << 20;
  // The model asked for, in case the answer names none.
  std::string model;
  // In case the answer does not count its tokens.
  int64_t estimated_prompt_tokens = 0;
  // The key that was sent, to keep out of errors.
  std::string key;
};

// Reads the body of one answer of the upstream's, cut anywhere: server-sent
// chat.completion.chunk events, or one JSON chat.completion, whichever comes.
// Not thread-safe.
class AnswerReader {
 public:
  using OnDelta = absl::FunctionRef<void(const pb::InvokeEvent&)>;

  virtual ~AnswerReader() = default;

  // Reads the next piece of the body. Calls `on_delta` for each piece of answer
  // (text, reasoning, tool_call or refusal) in it, and for nothing else: a
  // heartbeat, a role, an empty delta or a token count is no progress. An error
  // is final: UPSTREAM_MALFORMED, or what the upstream reports in the answer.
  virtual absl::Status Feed(absl::string_view body, OnDelta on_delta) = 0;

  enum class State {
    kOpen,  // more has to come
    // A finish reason has come after something was said: the answer is whole
    // unless it goes on, though its token count may be still to come.
    kFinished,
    kResumed,  // it went on after its finish reason: only its end makes it
               // whole
    kDone,     // the stream has said that nothing more will come
  };
  virtual State state() const = 0;

  // Whether there has been a finish reason at all, before any text for one.
  virtual bool has_finish_reason() const = 0;

  // The body is over; `on_delta` hears the pieces that only now are known to
  // be. The response holds what ended the answer, its tokens (estimated if
  // they were not said), its model and ids, but not its texts. STREAM_TRUNCATED
  // if the answer has not ended; UPSTREAM_MALFORMED if there is none. One that
  // has ended without a finish reason that is understood has the finish reason
  // OTHER and a warning: it may be cut, so nobody should keep it. One that says
  // nothing has a warning, see chat/empty_answer.h.
  virtual absl::StatusOr<pb::InvokeResponse> Finish(OnDelta on_delta) = 0;
};

std::unique_ptr<AnswerReader> NewAnswerReader(AnswerReaderOptions options);

}  // namespace holysheep
