#include "cli/bench/bench_report.h"

#include <algorithm>

namespace holysheep::cli {
namespace {

// Reasons come from the service; a hostile one must not fill the memory.
constexpr size_t kMaxReasons = 50;
constexpr char kOther[] = "other";

}  // namespace

std::string BenchSetup::Manner() const {
  if (batch) return ", in a batch";
  return stream ? ", streamed" : "";
}

// Neighbouring slices are merged in place, so the memory is bounded however
// long the run is.
void Timeline::Add(absl::Duration ended, bool succeeded) {
  ended = std::max(ended, absl::ZeroDuration());
  while (ended >= width_ * kMaxSlices) {
    for (size_t i = 0; i < slices_.size(); ++i) {
      const Slice slice = slices_[i];
      if (i % 2 == 0) slices_[i / 2] = Slice();
      slices_[i / 2].succeeded += slice.succeeded;
      slices_[i / 2].failed += slice.failed;
    }
    slices_.resize((slices_.size() + 1) / 2);
    width_ *= 2;
  }
  const auto at = static_cast<size_t>(ended / width_);
  if (slices_.size() <= at) slices_.resize(at + 1);
  ++(succeeded ? slices_[at].succeeded : slices_[at].failed);
}

void BenchReport::Add(const CallSample& sample) {
  const bool ok = sample.failure.empty();
  elapsed = std::max(elapsed, sample.ended);
  timeline.Add(sample.ended, ok);
  if (!ok) {
    ++failed;
    const bool known = failures.count(sample.failure) > 0;
    const bool kept = known || failures.size() < kMaxReasons;
    ++failures[kept ? sample.failure : kOther];
    return;
  }
  ++succeeded;
  cached += sample.cached ? 1 : 0;
  joined += sample.joined ? 1 : 0;
  tokens += sample.tokens;
  latency.Add(sample.latency);
  if (sample.first_token.has_value()) first_token.Add(*sample.first_token);
}

double BenchReport::Throughput() const {
  if (elapsed <= absl::ZeroDuration()) return 0;
  return static_cast<double>(succeeded + failed) /
         absl::ToDoubleSeconds(elapsed);
}

}  // namespace holysheep::cli
