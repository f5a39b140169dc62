#include "policy/circuit_breaker_registry.h"

#include <algorithm>
#include <utility>

namespace holysheep {

using Outcome = CircuitBreaker::Outcome;
using State = CircuitBreaker::State;

CircuitBreaker::Pass CircuitBreakerRegistry::Allow(absl::string_view model,
                                                   absl::Time now) {
  const auto found = breakers_.find(model);
  if (found == breakers_.end()) return {/*allowed=*/true, /*probe=*/false};
  const CircuitBreaker::Pass pass = found->second.breaker.Allow(now, options_);
  if (pass.probe) TellShut(found->first);
  return pass;
}

void CircuitBreakerRegistry::Record(absl::string_view model,
                                    CircuitBreaker::Pass pass, Outcome outcome,
                                    absl::Time now, int64_t event,
                                    bool configured) {
  if (outcome == Outcome::kFailure && !HasPlace(model, now, configured)) return;
  const auto found = breakers_.find(model);
  if (found == breakers_.end()) return;
  // The breaker is kept even when all is well again, because it knows which
  // requests began before it opened.
  CircuitBreaker& breaker = found->second.breaker;
  const State before = breaker.StateAt(now, options_);
  breaker.Record(pass, outcome, now, options_, event);
  const State after = breaker.StateAt(now, options_);
  if (listener_ != nullptr && after != before && after != State::kHalfOpen) {
    listener_(Look(model, now));
  }
  if (after == State::kOpen && before != State::kOpen) TellShut(found->first);
}

CircuitBreakerRegistry::Entry CircuitBreakerRegistry::Look(
    absl::string_view model, absl::Time now) const {
  Entry entry;
  entry.model = std::string(model);
  const auto found = breakers_.find(model);
  if (found == breakers_.end()) return entry;
  const CircuitBreaker& breaker = found->second.breaker;
  entry.state = breaker.StateAt(now, options_);
  entry.failures = breaker.failures();
  entry.retry_after = breaker.RetryAfter(now, options_);
  entry.shut = breaker.KeepsAway(now, options_);
  return entry;
}

std::vector<CircuitBreakerRegistry::Entry> CircuitBreakerRegistry::Snapshot(
    absl::Time now) const {
  std::vector<Entry> entries;
  entries.reserve(breakers_.size());
  for (const auto& [model, circuit] : breakers_) {
    Entry entry = Look(model, now);
    if (entry.state == State::kClosed && entry.failures == 0) continue;
    entries.push_back(std::move(entry));
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.model < b.model; });
  return entries;
}

// A reload may have configured the model, or made it one of the others.
bool CircuitBreakerRegistry::HasPlace(absl::string_view model, absl::Time now,
                                      bool configured) {
  const auto found = breakers_.find(model);
  if (found != breakers_.end()) {
    made_up_ += found->second.configured ? 1 : 0;
    made_up_ -= configured ? 1 : 0;
    found->second.configured = configured;
    return true;
  }
  if (!configured && made_up_ >= kMaxModels && !MakeRoom(now)) return false;
  breakers_.try_emplace(model).first->second.configured = configured;
  made_up_ += configured ? 0 : 1;
  return true;
}

// The circuit with the fewest failures has the least to lose.
bool CircuitBreakerRegistry::MakeRoom(absl::Time now) {
  auto least = breakers_.end();
  for (auto it = breakers_.begin(); it != breakers_.end(); ++it) {
    const CircuitBreaker& breaker = it->second.breaker;
    if (it->second.configured ||
        breaker.StateAt(now, options_) != State::kClosed) {
      continue;
    }
    if (least == breakers_.end() ||
        breaker.failures() < least->second.breaker.failures()) {
      least = it;
    }
  }
  if (least == breakers_.end()) return false;
  breakers_.erase(least);
  --made_up_;
  return true;
}

}  // namespace holysheep
