#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "policy/catalog.h"
#include "policy/priority.h"
#include "policy/rate_limits.h"

namespace holysheep {

struct Answer;
struct AttemptStats;
struct EncodedRequest;
struct Unfinished;
namespace node::v1 {
class InvokeEvent;
class InvokeRequest;
class InvokeResponse;
}  // namespace node::v1
namespace pb = node::v1;

// A caller of the service.
struct Caller {
  // The token's name; empty if callers are not authenticated.
  std::string name;
  // Callers of the same scope share cached answers.
  std::string scope;
  // The caller's own upstream key; if empty, the service's is used.
  std::string upstream_key;
  RateLimits limits = {};
};

// The time at which a call must have ended. Shared by all callers who wait for
// one answer: one who joins may be ready to wait longer than the first.
struct Deadline {
  absl::Time at = absl::InfiniteFuture();
};

// Identifies an answer: equal keys ask for the same thing. Empty for a call
// that bypasses the cache.
struct CacheKey {
  // SHA-256 of `material`, 32 bytes.
  std::string digest;
  // The whole canonical request, compared on a hit.
  std::shared_ptr<const std::string> material;
};

// A call as the layers see it. Cheap to copy: a layer that changes something
// (such as the model) passes on a changed copy.
struct ChatRequest {
  // Checked, with every default filled in. `message->model()` is the model
  // asked for by the caller.
  std::shared_ptr<const pb::InvokeRequest> message;
  std::shared_ptr<const Caller> caller;
  std::shared_ptr<const Catalog> catalog;
  std::shared_ptr<Deadline> deadline;
  // When the call reached the service.
  absl::Time arrived;
  CacheKey key;
  // Who is asked now; set by the intake, changed by a layer that asks another.
  std::shared_ptr<const Target> target;
  // Why the service chose that model; empty if the caller did.
  std::string routing;
  // Whether the caller waits for the whole answer rather than its pieces.
  bool unary = false;
  Priority priority = Priority::kInteractive;
  // Whether to use a new connection, because the last one gave no answer.
  bool fresh_connection = false;
  // Counts its attempts; null until a layer needs that.
  std::shared_ptr<AttemptStats> attempt_stats;
  // The encoded request, if a layer has written it; its sender moves it out.
  std::shared_ptr<EncodedRequest> encoded;
  std::shared_ptr<Unfinished> unfinished;  // Null if not repeated.
  // W3C trace context for the upstream; empty if the caller sent none.
  std::string traceparent;
  // The name of the model to ask now. REQUIRES: there is a target.
  const std::string& model() const { return target->model.id; }
};

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
