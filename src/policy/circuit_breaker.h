#pragma once

#include <cstdint>

#include "absl/time/time.h"

namespace holysheep {

struct CircuitBreakerOptions {
  // Failures in a row that open the circuit; 0 never opens it.
  int failures = 5;
  absl::Duration open_for = absl::Seconds(30);
};

// Keeps calls away from an upstream that is down: opens after some failures in
// a row; after `open_for` lets one probe through, whose outcome closes or
// reopens it. Told the time by its caller; not thread-safe.
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
  // In a row, up to now.
  int failures() const { return failures_; }
  // Until a probe may start; zero unless open.
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
