#include "policy/retry_budget.h"

#include <algorithm>

namespace holysheep {
namespace {

// Enough for a service with little traffic, where a share of the attempts would
// be less than one retry.
constexpr int64_t kAlwaysAllowed = 10;

}  // namespace

void RetryBudget::RecordAttempt(absl::Time now) { ++BucketAt(now).attempts; }

bool RetryBudget::TryRetry(absl::Time now) {
  const Bucket total = TotalAt(now);
  // The retry is an attempt as well.
  const double share = ratio_ * static_cast<double>(total.attempts + 1);
  const double allowed = std::max(static_cast<double>(kAlwaysAllowed), share);
  if (static_cast<double>(total.retries + 1) > allowed) return false;
  Bucket& bucket = BucketAt(now);
  ++bucket.attempts;
  ++bucket.retries;
  return true;
}

RetryBudget::Bucket& RetryBudget::BucketAt(absl::Time now) {
  const int64_t second = absl::ToUnixSeconds(now);
  Bucket& bucket = buckets_[static_cast<uint64_t>(second) % kSeconds];
  if (bucket.second != second) bucket = {second, 0, 0};
  return bucket;
}

RetryBudget::Bucket RetryBudget::TotalAt(absl::Time now) const {
  const int64_t second = absl::ToUnixSeconds(now);
  Bucket total;
  for (const Bucket& bucket : buckets_) {
    if (bucket.second <= second - kSeconds) continue;
    total.attempts += bucket.attempts;
    total.retries += bucket.retries;
  }
  return total;
}

}  // namespace holysheep
