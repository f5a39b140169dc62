#include "policy/retry_budget.h"

#include <algorithm>

namespace holysheep {
namespace {

// Enough for a service with little traffic, where a share of the attempts would
// be less than one retry.
constexpr int64_t kAlwaysAllowed = 10;

}  // namespace

void RetryBudget::RecordAttempt(absl::Time now, absl::string_view caller) {
  ++all_.At(now).attempts;
  ++WindowOf(caller, now).At(now).attempts;
}

bool RetryBudget::TryRetry(absl::Time now, absl::string_view caller) {
  Window& window = WindowOf(caller, now);
  const Counts own = window.Sum(now);
  const Counts total = all_.Sum(now);
  const auto callers = static_cast<int64_t>(callers_.size());
  // The retry is an attempt as well.
  const auto share_of = [this](const Counts& counts) {
    return static_cast<int64_t>(ratio_ *
                                static_cast<double>(counts.attempts + 1));
  };
  const int64_t limit = std::max(kAlwaysAllowed, share_of(total));
  const int64_t share = std::max(kAlwaysAllowed / callers, share_of(own));
  const int64_t most = limit - std::min(callers - 1, limit / 2);
  const bool is_own =
      own.retries < share && total.retries < limit + kAlwaysAllowed;
  const bool is_free = own.retries < most && total.retries < limit;
  if (!is_own && !is_free) return false;
  for (Counts* counts : {&window.At(now), &all_.At(now)}) {
    ++counts->attempts;
    ++counts->retries;
  }
  return true;
}

RetryBudget::Window& RetryBudget::WindowOf(absl::string_view caller,
                                           absl::Time now) {
  ForgetIdle(now);
  const auto found = callers_.find(caller);
  if (found != callers_.end()) return found->second;
  // No caller has this name.
  constexpr absl::string_view kOthers("\0others", 7);
  return callers_[callers_.size() < kMaxCallers ? caller : kOthers];
}

void RetryBudget::ForgetIdle(absl::Time now) {
  const int64_t second = absl::ToUnixSeconds(now);
  if (second == swept_) return;
  swept_ = second;
  absl::erase_if(callers_, [now](const auto& entry) {
    return entry.second.Sum(now).attempts == 0;
  });
}

RetryBudget::Counts& RetryBudget::Window::At(absl::Time now) {
  const int64_t second = absl::ToUnixSeconds(now);
  Counts& counts = ring[static_cast<uint64_t>(second) % kSeconds];
  if (counts.second != second) counts = {second, 0, 0};
  return counts;
}

RetryBudget::Counts RetryBudget::Window::Sum(absl::Time now) const {
  const int64_t second = absl::ToUnixSeconds(now);
  Counts total;
  for (const Counts& counts : ring) {
    if (counts.second <= second - kSeconds) continue;
    total.attempts += counts.attempts;
    total.retries += counts.retries;
  }
  return total;
}

}  // namespace holysheep
