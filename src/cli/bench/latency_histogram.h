#pragma once

#include <cstdint>
#include <vector>

#include "absl/time/time.h"

namespace holysheep::cli {

// Counts of durations in fixed memory: between a nanosecond and an hour each is
// known to 0.4 %; count, sum, least and greatest are exact. A value.
class LatencyHistogram {
 public:
  // Negative counts as zero.
  void Add(absl::Duration latency);

  int64_t count() const { return count_; }
  // Zero while empty.
  absl::Duration min() const { return min_; }
  absl::Duration max() const { return max_; }
  absl::Duration Mean() const;

  // The least duration that at least `percent` of all do not exceed; zero
  // while empty. 0 < percent <= 100.
  absl::Duration Percentile(double percent) const;

  struct Bin {
    absl::Duration from;
    absl::Duration to;
    int64_t count = 0;
  };
  // At most `most` bins of growing width, which hold everything between min
  // and max. Empty while the histogram is.
  std::vector<Bin> Bins(int most) const;

 private:
  // Each doubling has so many buckets of equal width; the first ones, up to
  // twice that number, hold a nanosecond each.
  static constexpr int kPerDoubling = 256;
  static constexpr int kDoublings = 34;
  static constexpr int kBuckets = kPerDoubling * (kDoublings + 1);

  static int BucketOf(int64_t nanoseconds);
  // Where the bucket ends, which belongs to the next one.
  static int64_t EndOf(int bucket);

  std::vector<int64_t> buckets_ = std::vector<int64_t>(kBuckets);
  int64_t count_ = 0;
  absl::Duration sum_;
  absl::Duration min_;
  absl::Duration max_;
};

}  // namespace holysheep::cli
