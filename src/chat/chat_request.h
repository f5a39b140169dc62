#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "chat/app_options.h"
#include "policy/catalog.h"
#include "policy/priority.h"
#include "policy/rate_limits.h"

namespace holysheep {

struct AttemptStats;
struct EncodedRequest;
class HeldMemory;
struct Patience;
struct Unfinished;
namespace node::v1 {
class InvokeRequest;
}  // namespace node::v1
namespace pb = node::v1;

// A caller of the service.
struct Caller {
  // The token's name; empty if callers are not authenticated.
  std::string name;
  // What they were recognised by: the digest of a token, the name of a
  // certificate, or nothing. For Authenticator::Knows only.
  std::string credential;
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
  // Whose limits hold for the app of `message`; null if none do.
  std::shared_ptr<const AppOptions> app;
  std::shared_ptr<const Catalog> catalog;
  std::shared_ptr<Deadline> deadline;
  // How long its attempts may be silent, which may rise; null for what
  // `message` says.
  std::shared_ptr<const Patience> patience;
  // When the call reached the service.
  absl::Time arrived;
  CacheKey key;
  // What the call holds of the account of memory: its message and its key, and
  // what its reader has been given; null if it is not counted. Grows on the
  // loop, and is given back when the last copy has gone.
  std::shared_ptr<HeldMemory> memory;
  // Who is asked now; set by the intake, changed by a layer that asks another.
  std::shared_ptr<const Target> target;
  // What its model takes; null for what the catalog says (`target`).
  std::shared_ptr<const ModelWire> learned_wire;
  // Which values of `message` the caller has set; the others are defaults.
  struct SetByCaller {
    bool temperature = false;
    bool top_p = false;
    bool max_tokens = false;
  };
  SetByCaller set_by_caller = {};
  // Why the service chose that model; empty if the caller did.
  std::string routing;
  // Whether the caller waits for the whole answer rather than its pieces.
  bool unary = false;
  Priority priority = Priority::kInteractive;
  // Whether to use a new connection, because the last one gave no answer.
  bool fresh_connection = false;
  // Whether another model is asked if this one fails, so that one that is
  // silent need not be asked twice.
  bool has_another_model = false;
  // Why the first model is not asked any more: it failed in another call, which
  // this one has left. OK if it did not.
  absl::Status first_failure;
  // Counts its attempts; null until a layer needs that.
  std::shared_ptr<AttemptStats> attempt_stats;
  // The encoded request, if a layer has written it; its sender moves it out.
  std::shared_ptr<EncodedRequest> encoded;
  std::shared_ptr<Unfinished> unfinished;  // Null if not repeated.
  // W3C trace context for the upstream; empty if the caller sent none.
  std::string traceparent;
  // The name of the model to ask now. REQUIRES: there is a target.
  const std::string& model() const { return target->model.id; }
  // What the model asked now takes. REQUIRES: there is a target.
  const ModelWire& wire() const {
    return learned_wire != nullptr ? *learned_wire : target->model.wire;
  }
};

}  // namespace holysheep
