#pragma once

#include <cstdint>

#include "absl/time/time.h"

namespace holysheep {

// Thresholds of a circuit breaker; they may change between its calls.
struct CircuitBreakerOptions {
  // Consecutive failures that open the circuit; 0 never opens it.
  int failures = 5;
  // How long an open circuit keeps calls away before it admits a probe.
  absl::Duration open_for = absl::Seconds(30);
  // The longest silence of an upstream that is not held against it if a
  // caller's deadline ends the call; anything longer is a failure.
  absl::Duration fair_silence = absl::Seconds(15);

  bool operator==(const CircuitBreakerOptions&) const = default;
};

// Keeps calls away from an upstream that is down. Opens after `failures` in a
// row; after `open_for` admits one probe, whose outcome closes or reopens it.
// The caller supplies the time. Not thread-safe.
class CircuitBreaker {
 public:
  // Closed lets calls pass; open keeps them away; half open lets one pass, the
  // probe.
  enum class State { kClosed, kOpen, kHalfOpen };

  // The outcome of one allowed request. kNeutral neither counts nor resets: a
  // refusal by rate limit, another 4xx, or an abandoned request.
  enum class Outcome { kSuccess, kFailure, kNeutral };

  // The permission for one request, to be passed to Record once. A value.
  struct Pass {
    // Whether the request may be sent, and whether it is the probe.
    bool allowed = false;
    bool probe = false;
    // The number of times the circuit had opened before this request.
    int64_t openings = 0;
  };

  // Returns the permission to send one request, or `allowed` = false.
  Pass Allow(absl::Time now, const CircuitBreakerOptions& options);

  // Records the outcome of a request. A request that began before the circuit
  // opened does not count, even when it has closed since. A neutral probe
  // decides nothing: the next request is the probe. Failures in a row with the
  // same `event` other than 0 are one. REQUIRES: `pass.allowed`; call it once
  // for each pass.
  void Record(Pass pass, Outcome outcome, absl::Time now,
              const CircuitBreakerOptions& options, int64_t event = 0);

  // kHalfOpen means that a probe is running or may start.
  State StateAt(absl::Time now, const CircuitBreakerOptions& options) const;
  // Whether Allow would refuse a request now.
  bool KeepsAway(absl::Time now, const CircuitBreakerOptions& options) const {
    const State state = StateAt(now, options);
    return state == State::kOpen || (state == State::kHalfOpen && probing_);
  }
  // Consecutive failures up to now. 0 after a success.
  int failures() const { return failures_; }
  // How long a refused caller should wait: until a probe may start, or the
  // usual length of a probe while one is running. Zero if a request may start
  // now. Shown to callers as the wait of CIRCUIT_OPEN.
  absl::Duration RetryAfter(absl::Time now,
                            const CircuitBreakerOptions& options) const;

 private:
  int failures_ = 0;
  bool open_ = false;
  bool probing_ = false;
  int64_t openings_ = 0;
  // That of the last failure.
  int64_t event_ = 0;
  absl::Time opened_;
};

}  // namespace holysheep
