#include "policy/circuit_breaker.h"

namespace holysheep {

// `openings_` counts how often the circuit has opened. A pass carries the count
// of its start, so that Record can ignore a late outcome from before the last
// opening. At most one probe runs at a time: `probing_` is set from Allow to
// Record of its pass, also if its outcome is neutral.

CircuitBreaker::Pass CircuitBreaker::Allow(
    absl::Time now, const CircuitBreakerOptions& options) {
  switch (StateAt(now, options)) {
    case State::kClosed:
      return {true, false, openings_};
    case State::kOpen:
      return {};
    case State::kHalfOpen:
      if (probing_) return {};
      probing_ = true;
      return {true, true, openings_};
  }
  return {};
}

void CircuitBreaker::Record(Pass pass, Outcome outcome, absl::Time now,
                            const CircuitBreakerOptions& options,
                            int64_t event) {
  if (pass.probe) {
    probing_ = false;
  } else if (open_ || pass.openings != openings_) {
    return;
  }
  if (outcome == Outcome::kNeutral) return;
  if (outcome == Outcome::kSuccess) {
    failures_ = 0;
    open_ = false;
    return;
  }
  const bool is_known = event != 0 && event == event_ && failures_ > 0;
  event_ = event;
  if (is_known && !pass.probe) return;
  ++failures_;
  if (pass.probe || (options.failures > 0 && failures_ >= options.failures)) {
    open_ = true;
    opened_ = now;
    ++openings_;
  }
}

CircuitBreaker::State CircuitBreaker::StateAt(
    absl::Time now, const CircuitBreakerOptions& options) const {
  if (!open_ || options.failures == 0) return State::kClosed;
  if (probing_ || now - opened_ >= options.open_for) return State::kHalfOpen;
  return State::kOpen;
}

absl::Duration CircuitBreaker::RetryAfter(
    absl::Time now, const CircuitBreakerOptions& options) const {
  // A guess: a probe ends with the first piece of an answer.
  constexpr absl::Duration kProbe = absl::Seconds(1);
  if (!KeepsAway(now, options)) return absl::ZeroDuration();
  if (StateAt(now, options) == State::kHalfOpen) return kProbe;
  return opened_ + options.open_for - now;
}

}  // namespace holysheep
