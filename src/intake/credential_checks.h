#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/event_loop.h"
#include "chat/backend.h"
#include "chat/chat_request.h"
#include "intake/credential_check.h"

namespace holysheep {

// Bounds of the checks that callers ask for. The defaults are those of the
// service.
struct CredentialBounds {
  // Checks at the upstream at once; further ones wait, up to `waiting`,
  // of which one caller can fill a quarter.
  size_t at_once = 16;
  size_t waiting = 256;
  // Checks at the upstream in a minute for a caller without a limit of its own,
  // `requests_per_minute`.
  int64_t per_minute = 60;
  // How long, and for how many keys, what was found is given to others. That
  // the upstream failed is not kept: it may be well again.
  absl::Duration kept = absl::Seconds(10);
  size_t kept_keys = 1024;
};

// The checks that callers ask for by ValidateCredentials, so that nobody can
// occupy the upstream with them: those of one key at one time are one check.
// On the loop only.
class CredentialChecks {
 public:
  // Receives what was found, or why nothing was: RATE_LIMITED_LOCAL with the
  // time to wait, or QUEUE_FULL.
  using Done = absl::AnyInvocable<void(
      const absl::StatusOr<pb::ValidateCredentialsResponse>&)>;

  virtual ~CredentialChecks() = default;

  // Checks the caller's own upstream key or, if there is none, the service's.
  // Calls `done` once, after it has returned, unless the returned call is
  // destroyed first, which `done` may do. What others have begun or found
  // counts against no limit.
  virtual std::unique_ptr<ChatCall> Start(const Caller& caller, Done done) = 0;

  // Forgets what was found: a reload may have changed the upstream.
  virtual void Clear() = 0;
};

// `loop` and `check` must outlive the checks, and all calls must have ended
// before these do.
std::unique_ptr<CredentialChecks> NewCredentialChecks(
    EventLoop& loop, CredentialCheck& check,
    const CredentialBounds& bounds = {});

}  // namespace holysheep
