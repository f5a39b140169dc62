#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <string>

#include "absl/strings/string_view.h"

// The families of metrics that /metrics shows. docs/reference.md describes
// each.
namespace holysheep {

using Buckets = prometheus::Histogram::BucketBoundaries;

// Upper bounds in seconds, ascending.
const Buckets& DurationBuckets();
const Buckets& TokenBuckets();
const Buckets& OverheadBuckets();

// The values of the label `cache`.
enum class CacheOutcome { kMiss, kHit, kJoined, kStale, kBypassed };
inline constexpr int kCacheOutcomes = 5;

// The metrics of one model, so that a call need not look up labels. The
// pointers stay valid as long as the MetricFamilies that returned them. All
// pointers are set by MetricFamilies::ForModel; prometheus-cpp's metrics are
// thread-safe.
struct ModelMetrics {
  // The label's value: the model's name, or `other`.
  std::string model;
  // Answered calls by CacheOutcome; failures are counted by Failures.
  std::array<prometheus::Counter*, kCacheOutcomes> requests;
  prometheus::Counter* cancelled = nullptr;
  // Tokens from the upstream and from the cache are counted separately.
  struct Tokens {
    prometheus::Counter* input = nullptr;
    prometheus::Counter* cached_input = nullptr;
    prometheus::Counter* cache_write = nullptr;
    prometheus::Counter* output = nullptr;
    prometheus::Counter* reasoning = nullptr;
  };
  Tokens fresh;
  Tokens kept;
  // In US dollars. `saved` is a gauge because a model may cost more than its
  // official price.
  prometheus::Counter* cost = nullptr;
  prometheus::Gauge* saved = nullptr;
  // From arrival to end, in seconds: of answers from the upstream, of those
  // from the cache or another flight, and of calls that failed.
  prometheus::Histogram* duration_fresh = nullptr;
  prometheus::Histogram* duration_kept = nullptr;
  prometheus::Histogram* duration_failed = nullptr;
  // In seconds; answers from the upstream only.
  prometheus::Histogram* first_token = nullptr;
  prometheus::Histogram* per_token = nullptr;
  // Upstream attempts, in seconds, and how many of them were retries.
  prometheus::Histogram* attempt = nullptr;
  prometheus::Counter* retries = nullptr;
};

// The metrics of one caller, or of one app. Pointers as in ModelMetrics. A call
// that was cancelled counts as failed.
struct CallerMetrics {
  prometheus::Counter* answered = nullptr;
  prometheus::Counter* failed = nullptr;
  prometheus::Counter* tokens = nullptr;
  prometheus::Counter* cost = nullptr;
};

// Creates the families in a registry of their own. Thread-safe. Every function
// returns the same metric for the same labels, and creates it at the first
// call. Names of labels must be bounded by the caller: a family never forgets
// one.
class MetricFamilies {
 public:
  MetricFamilies();

  // Looks up all labels under a lock: keep the result.
  ModelMetrics ForModel(absl::string_view model);
  CallerMetrics ForCaller(absl::string_view caller);
  // `name` is what people call the app `id`.
  CallerMetrics ForApp(absl::string_view id, absl::string_view name);

  // Metrics that are touched too rarely to be kept in ModelMetrics. Labels are
  // the name of a reason, or an HTTP status as a text.
  prometheus::Counter& Failures(absl::string_view model,
                                absl::string_view reason);
  prometheus::Counter& Attempts(absl::string_view model,
                                absl::string_view code);
  prometheus::Counter& Refusals(absl::string_view reason);
  prometheus::Counter& Dropped(absl::string_view cause);
  // The same counter under its former name.
  prometheus::Counter& Cut(absl::string_view cause);
  // 0 closed, 1 half open, 2 open.
  prometheus::Gauge& Breaker(absl::string_view model);
  prometheus::Gauge& Info(absl::string_view version);
  // Metrics without labels. `name` and `help` are copied.
  prometheus::Gauge& Gauge(const char* name, const char* help);
  prometheus::Counter& Counter(const char* name, const char* help);
  prometheus::Histogram& overhead() { return overhead_; }

  // All metrics in the text format of Prometheus. Takes time linear in the
  // number of metrics.
  std::string Text() const;

 private:
  prometheus::Registry registry_;
  prometheus::Histogram& overhead_;
};

}  // namespace holysheep
