#include "chat/breaker_board.h"

#include <algorithm>

namespace holysheep {

using Outcome = CircuitBreaker::Outcome;

CircuitBreaker::Pass BreakerBoard::Allow(absl::string_view model,
                                         absl::Time now) {
  const auto found = breakers_.find(model);
  if (found == breakers_.end()) return {/*allowed=*/true, /*probe=*/false};
  return found->second.Allow(now, options_);
}

void BreakerBoard::Record(absl::string_view model, CircuitBreaker::Pass pass,
                          Outcome outcome, absl::Time now) {
  auto found = breakers_.find(model);
  if (found == breakers_.end()) {
    if (outcome != Outcome::kFailure) return;
    if (breakers_.size() >= kMaxModels) return;
    found = breakers_.emplace(std::string(model), CircuitBreaker()).first;
  }
  found->second.Record(pass, outcome, now, options_);
  if (outcome == Outcome::kSuccess && found->second.failures() == 0) {
    breakers_.erase(found);
  }
}

BreakerBoard::Entry BreakerBoard::Look(absl::string_view model,
                                       absl::Time now) const {
  Entry entry;
  entry.model = std::string(model);
  const auto found = breakers_.find(model);
  if (found == breakers_.end()) return entry;
  entry.state = found->second.StateAt(now, options_);
  entry.failures = found->second.failures();
  entry.retry_after = found->second.RetryAfter(now, options_);
  return entry;
}

std::vector<BreakerBoard::Entry> BreakerBoard::Snapshot(absl::Time now) const {
  std::vector<Entry> entries;
  entries.reserve(breakers_.size());
  for (const auto& [model, breaker] : breakers_) {
    entries.push_back(Look(model, now));
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.model < b.model; });
  return entries;
}

}  // namespace holysheep
