#pragma once

#include <array>
#include <cstdint>

#include "absl/time/time.h"

namespace holysheep {

// Keeps retries from multiplying the load on an upstream in trouble: of the
// attempts of the last 10 s at most a share of `ratio` are retries, but 10
// retries in that time are always allowed. Counts in whole seconds, the current
// one included. The caller supplies the time. Not thread-safe.
class RetryBudget {
 public:
  // `ratio` is from 0 to 1; 0 leaves only the 10.
  explicit RetryBudget(double ratio) : ratio_(ratio) {}

  // After a reload.
  void SetRatio(double ratio) { ratio_ = ratio; }

  // Counts a first attempt. Once for each call, when its first attempt has been
  // admitted.
  void RecordAttempt(absl::Time now);

  // Whether one more retry may start now. If so, it is counted.
  bool TryRetry(absl::Time now);

 private:
  static constexpr int kSeconds = 10;
  // The counts of one second, in a ring of kSeconds.
  struct Bucket {
    int64_t second = -1;
    int64_t attempts = 0;  // Retries included.
    int64_t retries = 0;
  };

  // The bucket of the second of `now`, cleared if it held an older one.
  Bucket& BucketAt(absl::Time now);
  // The sum of the buckets that still count.
  Bucket TotalAt(absl::Time now) const;

  double ratio_;
  std::array<Bucket, kSeconds> buckets_;
};

}  // namespace holysheep
