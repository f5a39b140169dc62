#pragma once

#include <prometheus/histogram.h>

#include <array>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "chat/call_sink.h"
#include "telemetry/metric_families.h"

namespace holysheep {

// A histogram's observations that have not been added to it yet. Not
// thread-safe. Same buckets and sum as the histogram, without its locks.
class Distribution {
 public:
  // `bounds` are those of the histogram, and must outlive this.
  explicit Distribution(const Buckets& bounds);

  // In seconds. Logarithmic in the number of buckets.
  void Observe(double value);
  // Adds the observations to `histogram` and forgets them. Does nothing if
  // there were no observations.
  void MoveTo(prometheus::Histogram& histogram);

 private:
  const Buckets& bounds_;
  // One for each bucket; the last is for values above all bounds.
  std::vector<double> counts_;
  double sum_ = 0;
};

// Sums of answers that have not been added to the metrics yet. They are plain
// numbers, one set per processor: the registry's counters are shared by all
// threads, and a cache hit would spend a good part of its time on a dozen of
// them. Not thread-safe; see PerCpu. They reach the registry with the next
// scrape.
class CallMetricsShard {
 public:
  // Counts a call that was answered; `app` is null for a call without one. The
  // metrics must outlive the shard. REQUIRES: `call.response` is set.
  void Add(const CallRecord& call, const ModelMetrics& model,
           const CallerMetrics& caller, const CallerMetrics* app);

  // Adds all sums to the metrics and resets them. `overhead` is the histogram
  // without labels.
  void MoveTo(prometheus::Histogram& overhead);

 private:
  // Tokens of one source: the upstream or the cache.
  struct Tokens {
    // Cached input and what was written to the cache are parts of the input,
    // reasoning is a part of the output.
    int64_t input = 0;
    int64_t cached_input = 0;
    int64_t cache_write = 0;
    int64_t output = 0;
    int64_t reasoning = 0;
  };
  // `fresh` is what the upstream answered, `kept` what came from the cache or
  // from the flight of another call; costs are in US dollars.
  struct OfModel {
    std::array<int64_t, kCacheOutcomes> requests = {};
    Tokens fresh;
    Tokens kept;
    double cost = 0;
    double saved = 0;
    Distribution duration_fresh{DurationBuckets()};
    Distribution duration_kept{DurationBuckets()};
    Distribution first_token{DurationBuckets()};
    Distribution per_token{TokenBuckets()};
  };
  // The sums of one caller, or of one app.
  struct OfCaller {
    int64_t answered = 0;
    int64_t tokens = 0;
    double cost = 0;
  };

  // The parts of Add and MoveTo, for one model.
  static void Count(const pb::InvokeResponse& response, CacheOutcome outcome,
                    OfModel& model);
  static void Time(const pb::InvokeResponse& response, CacheOutcome outcome,
                   double seconds, OfModel& model);
  // Observes the service's own part of the time, where it is known.
  void TimeOverhead(const pb::InvokeResponse& response, CacheOutcome outcome,
                    double seconds);
  static void Move(OfModel& from, const ModelMetrics& to);
  static void Move(Tokens& from, const ModelMetrics::Tokens& to);

  // By the metrics they will be added to, which are stable.
  absl::flat_hash_map<const ModelMetrics*, OfModel> models_;
  absl::flat_hash_map<const CallerMetrics*, OfCaller> callers_;
  Distribution overhead_{OverheadBuckets()};
};

}  // namespace holysheep
