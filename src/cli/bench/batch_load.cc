#include "cli/bench/batch_load.h"

#include <chrono>
#include <mutex>

#include "absl/container/flat_hash_map.h"

namespace holysheep::cli {
namespace {

using Clock = std::chrono::steady_clock;

// `started_` is shared by the two threads; everything else belongs to one.
class BatchLoad {
 public:
  BatchLoad(const load::LoadPlan& plan, load::NextRequest next_request,
            OnSample on_sample)
      : plan_(plan), next_request_(next_request), on_sample_(on_sample) {}

  // Called on the sending thread.
  bool Next(pb::BatchItem& item) {
    if (sent_ == plan_.calls) return false;
    next_request_(*item.mutable_request());
    const std::lock_guard lock(mutex_);
    started_.emplace(sent_++, Elapsed());
    return true;
  }

  // Called on the receiving thread. Returns false for a result that was not
  // asked for.
  bool OnResult(const pb::BatchResult& result) {
    CallSample sample;
    sample.ended = Elapsed();
    {
      const std::lock_guard lock(mutex_);
      const auto started = started_.find(result.index());
      if (started == started_.end()) return false;
      sample.latency = sample.ended - started->second;
      started_.erase(started);
    }
    const pb::InvokeResponse& response = result.response();
    sample.failure = result.error().reason();
    sample.tokens = response.tokens_used();
    sample.cached = response.cached();
    sample.joined = response.cache_info().outcome() == pb::CacheInfo::JOINED;
    on_sample_(sample);
    return true;
  }

 private:
  absl::Duration Elapsed() const {
    return absl::FromChrono(Clock::now() - start_);
  }

  const load::LoadPlan plan_;
  const load::NextRequest next_request_;
  const OnSample on_sample_;
  const Clock::time_point start_ = Clock::now();
  std::mutex mutex_;
  int64_t sent_ = 0;
  // The start times of the open items.
  absl::flat_hash_map<int64_t, absl::Duration> started_;
};

}  // namespace

absl::Status RunBatchLoad(NodeClient& node, const load::LoadPlan& plan,
                          load::NextRequest next_request, OnSample on_sample) {
  // The time to connect does not count as latency.
  const absl::Status connected =
      node.CheckHealth(absl::ZeroDuration()).status();
  if (!connected.ok()) return connected;
  BatchLoad load(plan, next_request, on_sample);
  BatchEnds ends;
  ends.max_open = static_cast<size_t>(plan.concurrency);
  ends.next = [&load](pb::BatchItem& item) { return load.Next(item); };
  ends.on_result = [&load](const pb::BatchResult& result) {
    return load.OnResult(result);
  };
  return node.InvokeBatch(ends);
}

}  // namespace holysheep::cli
