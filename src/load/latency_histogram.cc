#include "load/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace holysheep::load {

// The leading bits of a number, as many as kPerDoubling has, select its bucket
// among those of its size; a smaller number is its own bucket.
int LatencyHistogram::BucketOf(int64_t nanoseconds) {
  const auto value = static_cast<uint64_t>(nanoseconds);
  constexpr int kBits = std::bit_width(2u * kPerDoubling - 1);
  const int shift =
      std::max(0, static_cast<int>(std::bit_width(value)) - kBits);
  const uint64_t bucket =
      static_cast<uint64_t>(shift) * kPerDoubling + (value >> shift);
  return static_cast<int>(std::min<uint64_t>(bucket, kBuckets - 1));
}

int64_t LatencyHistogram::EndOf(int bucket) {
  const int shift = std::max(0, bucket / kPerDoubling - 1);
  const int64_t leading = bucket - shift * kPerDoubling;
  return (leading + 1) << shift;
}

void LatencyHistogram::Add(absl::Duration latency) {
  latency = std::max(latency, absl::ZeroDuration());
  ++buckets_[static_cast<size_t>(BucketOf(absl::ToInt64Nanoseconds(latency)))];
  min_ = count_ == 0 ? latency : std::min(min_, latency);
  max_ = std::max(max_, latency);
  sum_ += latency;
  ++count_;
}

void LatencyHistogram::Add(const LatencyHistogram& other) {
  if (other.count_ == 0) return;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    buckets_[i] += other.buckets_[i];
  }
  min_ = count_ == 0 ? other.min_ : std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
  count_ += other.count_;
}

absl::Duration LatencyHistogram::Mean() const {
  return count_ == 0 ? absl::ZeroDuration() : sum_ / count_;
}

// The upper end of the bucket, so that the result is never too good; clamped,
// so that it is never beyond what was measured.
absl::Duration LatencyHistogram::Percentile(double percent) const {
  if (count_ == 0) return absl::ZeroDuration();
  const auto rank = static_cast<int64_t>(
      std::ceil(percent / 100 * static_cast<double>(count_)));
  int64_t seen = 0;
  for (int i = 0; i < kBuckets; ++i) {
    seen += buckets_[static_cast<size_t>(i)];
    if (seen >= std::max<int64_t>(rank, 1)) {
      return std::clamp(absl::Nanoseconds(EndOf(i) - 1), min_, max_);
    }
  }
  return max_;
}

// Edges grow by a constant factor: latencies spread over powers of ten.
std::vector<LatencyHistogram::Bin> LatencyHistogram::Bins(int most) const {
  if (count_ == 0) return {};
  const double first = std::max(1.0, absl::ToDoubleNanoseconds(min_));
  const double last = std::max(first, absl::ToDoubleNanoseconds(max_));
  const int count = last / first < 1.001 ? 1 : most;
  std::vector<Bin> bins;
  for (int i = 0; i < count; ++i) {
    const auto edge = [&](int at) {
      return absl::Nanoseconds(first *
                               std::pow(last / first, 1.0 * at / count));
    };
    bins.push_back(
        {i == 0 ? min_ : edge(i), i + 1 == count ? max_ : edge(i + 1)});
  }
  size_t bin = 0;
  for (int i = 0; i < kBuckets; ++i) {
    const int64_t here = buckets_[static_cast<size_t>(i)];
    if (here == 0) continue;
    const absl::Duration value = absl::Nanoseconds(EndOf(i) - 1);
    while (bin + 1 < bins.size() && value >= bins[bin].to) ++bin;
    bins[bin].count += here;
  }
  return bins;
}

}  // namespace holysheep::load
