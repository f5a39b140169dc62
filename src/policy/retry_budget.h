#pragma once

#include <array>
#include <cstdint>

#include "absl/time/time.h"

namespace holysheep {

// Keeps retries from multiplying the load on an upstream in trouble: of the
// attempts of the last 10 s at most `ratio` are retries, but 10 retries in
// that time are always allowed. Counts by whole seconds, the current one
// included. Told the time by its caller; not thread-safe.
class RetryBudget {
 public:
  // `ratio` is 0 to 1; 0 leaves only the 10.
  explicit RetryBudget(double ratio) : ratio_(ratio) {}

  void SetRatio(double ratio) { ratio_ = ratio; }

  // A first attempt starts.
  void RecordAttempt(absl::Time now);

  // Whether one more retry may start now; a true answer has counted it.
  bool TryRetry(absl::Time now);

 private:
  static constexpr int kSeconds = 10;
  struct Bucket {
    int64_t second = -1;
    int64_t attempts = 0;  // Retries included.
    int64_t retries = 0;
  };

  Bucket& BucketAt(absl::Time now);
  // The sum of the seconds that still count.
  Bucket TotalAt(absl::Time now) const;

  double ratio_;
  std::array<Bucket, kSeconds> buckets_;
};

}  // namespace holysheep
