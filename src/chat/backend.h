#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace holysheep {

class Catalog;
struct AttemptStats;
struct EncodedRequest;
struct Unfinished;
namespace node::v1 {
class InvokeEvent;
class InvokeRequest;
class InvokeResponse;
}  // namespace node::v1
namespace pb = node::v1;

// Who asks.
struct Caller {
  // The token's name; empty where nobody has to say who they are.
  std::string name;
  // Callers of the same scope share cached answers.
  std::string scope;
  // The caller's own upstream key; empty means the service's.
  std::string upstream_key;
  // Upstream attempts and tokens in any 60 s; 0 is no limit.
  int64_t requests_per_minute = 0;
  int64_t tokens_per_minute = 0;
};

// When a call must have ended. Shared by all who wait for one answer, because
// a caller who joins may be ready to wait longer than the one who started it.
struct Deadline {
  absl::Time at = absl::InfiniteFuture();
};

enum class Priority { kInteractive, kBatch };

// Identifies an answer: equal keys ask for the same thing. Empty for a call
// that the cache takes no part in.
struct CacheKey {
  // SHA-256 of `material`, 32 bytes.
  std::string digest;
  // The whole canonical request, compared on a hit.
  std::shared_ptr<const std::string> material;
};

// One call as the layers see it. Cheap to copy: a layer that changes something
// (the model, say) passes a changed copy on.
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
  // The model to ask now.
  std::string model;
  // Why the service chose that model; empty if the caller did.
  std::string routing;
  // Whether the caller waits for the whole answer rather than its pieces.
  bool unary = false;
  Priority priority = Priority::kInteractive;
  // Whether the upstream is to be asked over a new connection, because the one
  // before gave no answer.
  bool fresh_connection = false;
  // Where its attempts are counted; null until a layer wants to know.
  std::shared_ptr<AttemptStats> attempt_stats;
  // What the upstream is sent, where a layer has written it already; taken away
  // by whoever sends it.
  std::shared_ptr<EncodedRequest> encoded;
  std::shared_ptr<Unfinished> unfinished;  // Null where nobody asks again.
  // W3C trace context for the upstream; empty if the caller sent none.
  std::string traceparent;
};

// Hears what becomes of one call, on the loop thread.
class ChatObserver {
 public:
  // A piece of the answer (text, reasoning, tool_call or refusal): zero or
  // more times, in order, before OnDone. A replayed answer says `started` with
  // `cached` first. The call may not be destroyed from inside.
  virtual void OnDelta(const pb::InvokeEvent& delta) = 0;

  // The end of the call: exactly once, and last. The response holds all but
  // what the deltas have said: result, reasoning, tool_calls and refusal are
  // empty. The observer may destroy the call from inside.
  virtual void OnDone(absl::StatusOr<pb::InvokeResponse> result) = 0;

 protected:
  ~ChatObserver() = default;
};

// A call in progress. Destroying it cancels it: its observer hears nothing
// more, and all that the call holds (slot, timer, transfer) is released.
class ChatCall {
 public:
  virtual ~ChatCall() = default;
};

// Something that answers chat requests: the upstream, or a layer over another
// backend. Confined to the loop thread.
class ChatBackend {
 public:
  virtual ~ChatBackend() = default;

  // Starts a call. Never blocks, and never calls `observer` before returning.
  // `observer` must outlive the returned call.
  virtual std::unique_ptr<ChatCall> Start(const ChatRequest& request,
                                          ChatObserver& observer) = 0;
};

}  // namespace holysheep
