#pragma once

#include <cstdint>

#include "absl/time/time.h"

namespace holysheep {

struct CircuitBreakerOptions {
  // Failures in a row that open the circuit; 0 never opens it.
  int failures = 5;
  absl::Duration open_for = absl::Seconds(30);
  // Longer silence than this is the upstream's own doing, whatever deadline
  // ends it.
  absl::Duration fair_silence = absl::Seconds(15);
};

// Keeps calls away from an upstream that is down: opens after some failures in
// a row; after `open_for` lets one probe through, which closes or reopens it.
// Told the time by its caller; not thread-safe.
class CircuitBreaker {
 public:
  enum class State { kClosed, kOpen, kHalfOpen };

  // What one allowed request turned out to be. kNeutral neither counts nor
  // resets: a refusal by rate limit, another 4xx, or an abandoned request.
  enum class Outcome { kSuccess, kFailure, kNeutral };

  // What Allow grants: give it back to Record.
  struct Pass {
    bool allowed = false;
    bool probe = false;
    // How often the circuit had opened before.
    int64_t openings = 0;
  };

  Pass Allow(absl::Time now, const CircuitBreakerOptions& options);

  // REQUIRES: `pass.allowed`; once for each pass. A request that began before
  // the circuit opened does not decide about it, even when it has closed again.
  // A neutral probe decides nothing: the next request is the probe.
  void Record(Pass pass, Outcome outcome, absl::Time now,
              const CircuitBreakerOptions& options);

  // kHalfOpen: a probe is under way, or may start.
  State StateAt(absl::Time now, const CircuitBreakerOptions& options) const;
  // Whether a call would not be allowed now.
  bool KeepsAway(absl::Time now, const CircuitBreakerOptions& options) const {
    const State state = StateAt(now, options);
    return state == State::kOpen || (state == State::kHalfOpen && probing_);
  }
  // In a row, up to now.
  int failures() const { return failures_; }
  // When to ask again: until a probe may start or, while one is under way, as
  // long as it may take. Zero when a call may start now.
  absl::Duration RetryAfter(absl::Time now,
                            const CircuitBreakerOptions& options) const;

 private:
  int failures_ = 0;
  bool open_ = false;
  bool probing_ = false;
  int64_t openings_ = 0;
  absl::Time opened_;
};

}  // namespace holysheep
