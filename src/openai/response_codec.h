#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/random/bit_gen_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "policy/usage_check.h"

namespace holysheep {

namespace node::v1 {
class InvokeEvent;
class InvokeResponse;
}  // namespace node::v1
namespace pb = node::v1;

// What reading an answer depends on. One set per attempt.
struct AnswerReaderOptions {
  // Bounds the sum of the answer's texts; more is UPSTREAM_MALFORMED. In bytes
  // of UTF-8, tool calls included. Opaque parts have the same bound, at most
  // OpaqueParts::kMaxBytes, beyond which they are dropped with a warning.
  size_t max_response_bytes = 4 << 20;
  // The requested model, in case the answer names none.
  std::string model;
  // Used if the answer does not report its tokens. See policy/token_estimate.h.
  int64_t estimated_prompt_tokens = 0;
  // Reported counts beyond it are not believed.
  UsageBounds usage_bounds;
  // The key that was sent, to be kept out of errors.
  std::string key;
  // Whether a text that begins with `<think>…</think>` begins with reasoning.
  bool think_tags = false;
};

// Reads the body of one answer of the upstream, split anywhere: server-sent
// chat.completion.chunk events or one JSON chat.completion, whichever arrives.
// Events and answers of the Responses API are understood as well.
// Not thread-safe. The backend feeds it on the loop with what the transport
// delivers, after a status of 2xx.
class AnswerReader {
 public:
  using OnDelta = absl::FunctionRef<void(const pb::InvokeEvent&)>;

  virtual ~AnswerReader() = default;

  // Reads the next piece of the body. Calls `on_delta` for each piece of the
  // answer in it (text, reasoning, tool_call or refusal), and for nothing else:
  // a heartbeat, a role, an empty delta or a token count is not progress. An
  // error is final: UPSTREAM_MALFORMED, or the error that the upstream reports
  // in the answer.
  virtual absl::Status Feed(absl::string_view body, OnDelta on_delta) = 0;

  enum class State {
    kOpen,  // more has to come
    // A finish reason has come after something was said. The answer is whole
    // unless it continues, although its token count may still be missing.
    kFinished,
    kResumed,  // it continued after its finish reason; only the end makes it
               // whole
    kDone,     // the stream has said that nothing more will come
  };
  // Lets the backend end a transfer whose answer is complete although the
  // upstream keeps the connection open.
  virtual State state() const = 0;

  // Grows with every piece of content that was read, also if it is not passed
  // on yet (a tool call without its whole name) or never (a picture).
  virtual size_t said() const = 0;

  // Whether there has been any finish reason, also before all text.
  virtual bool has_finish_reason() const = 0;

  // Ends the body. `on_delta` receives the pieces that are known only now. The
  // response holds the end of the answer, its tokens (estimated if they were
  // not reported), its model and ids, but not its texts. Returns
  // STREAM_TRUNCATED if the answer has not ended, and UPSTREAM_MALFORMED if
  // there is none. An answer without a known finish reason has the finish
  // reason OTHER and a warning: it may be incomplete and must not be kept. An
  // answer that says nothing has a warning, see chat/empty_answer.h.
  virtual absl::StatusOr<pb::InvokeResponse> Finish(OnDelta on_delta) = 0;
};

// A reader for one body. `random`, which must outlive it, makes the ids of tool
// calls that have none.
std::unique_ptr<AnswerReader> NewAnswerReader(AnswerReaderOptions options,
                                              absl::BitGenRef random);

}  // namespace holysheep
