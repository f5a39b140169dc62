#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "chat/chat_request.h"

namespace holysheep {

struct Answer;
namespace node::v1 {
class InvokeEvent;
class InvokeResponse;
}  // namespace node::v1

// Receives the events of one call, on the loop.
class ChatObserver {
 public:
  // A piece of the answer (text, reasoning, tool_call or refusal): zero or more
  // times, in order, before OnDone. A replayed answer begins with `started` and
  // `cached`. The call must not be destroyed from inside.
  virtual void OnDelta(const pb::InvokeEvent& delta) = 0;

  // The end of the call: exactly once, and last. The answer excludes what the
  // deltas have said: result, reasoning, tool_calls and refusal are empty. The
  // observer may destroy the call from inside.
  virtual void OnDone(absl::StatusOr<Answer> result) = 0;

 protected:
  ~ChatObserver() = default;
};

// A call in progress. Destroying it cancels it: its observer is not called any
// more, and all that the call holds (slot, timer, transfer) is released.
class ChatCall {
 public:
  virtual ~ChatCall() = default;
};

// Answers chat requests: the upstream, or a layer over another backend.
// Confined to the loop.
class ChatBackend {
 public:
  virtual ~ChatBackend() = default;

  // Starts a call. Never blocks, and never calls `observer` before it returns.
  // `observer` must outlive the returned call.
  virtual std::unique_ptr<ChatCall> Start(const ChatRequest& request,
                                          ChatObserver& observer) = 0;
};

}  // namespace holysheep
