#pragma once

#include <cstdint>
#include <vector>

#include "absl/time/time.h"

namespace holysheep::load {

// Counts durations in fixed memory. Between a nanosecond and an hour each is
// known to 0.4 %; count, sum, minimum and maximum are exact. A value.
class LatencyHistogram {
 public:
  // A negative duration counts as zero. Constant time.
  void Add(absl::Duration latency);

  // Everything that `other` has counted. Exact, as if all had been added here.
  void Add(const LatencyHistogram& other);

  int64_t count() const { return count_; }
  // Zero if the histogram is empty.
  absl::Duration min() const { return min_; }
  absl::Duration max() const { return max_; }
  // Zero if the histogram is empty.
  absl::Duration Mean() const;

  // The smallest duration that at least `percent` of all do not exceed; zero if
  // the histogram is empty. 0 < percent <= 100.
  absl::Duration Percentile(double percent) const;

  // Counts of the durations from `from` up to `to`.
  struct Bin {
    absl::Duration from;
    absl::Duration to;
    int64_t count = 0;
  };
  // Returns at most `most` bins of growing width that cover everything from min
  // to max. Empty if the histogram is. A single bin if all durations are nearly
  // equal.
  std::vector<Bin> Bins(int most) const;

 private:
  // Each doubling of the duration has this number of buckets of equal width;
  // the first ones, up to twice the number, hold a nanosecond each.
  static constexpr int kPerDoubling = 256;
  static constexpr int kDoublings = 34;
  static constexpr int kBuckets = kPerDoubling * (kDoublings + 1);

  // Durations beyond the last bucket count there.
  static int BucketOf(int64_t nanoseconds);
  // The upper bound of the bucket, which belongs to the next one.
  static int64_t EndOf(int bucket);

  // 70 KiB of counts.
  std::vector<int64_t> buckets_ = std::vector<int64_t>(kBuckets);
  int64_t count_ = 0;
  absl::Duration sum_;
  absl::Duration min_;
  absl::Duration max_;
};

}  // namespace holysheep::load
