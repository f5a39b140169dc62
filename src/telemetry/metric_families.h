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
// pointers stay valid as long as the MetricFamilies that returned them.
struct ModelMetrics {
  std::string model;
  std::array<prometheus::Counter*, kCacheOutcomes> requests;
  prometheus::Counter* cancelled = nullptr;
  // Tokens from the upstream and from the cache are counted separately.
  struct Tokens {
    prometheus::Counter* input = nullptr;
    prometheus::Counter* cached_input = nullptr;
    prometheus::Counter* output = nullptr;
    prometheus::Counter* reasoning = nullptr;
  };
  Tokens fresh;
  Tokens kept;
  prometheus::Counter* cost = nullptr;
  prometheus::Gauge* saved = nullptr;
  prometheus::Histogram* duration_fresh = nullptr;
  prometheus::Histogram* duration_kept = nullptr;
  prometheus::Histogram* duration_failed = nullptr;
  prometheus::Histogram* first_token = nullptr;
  prometheus::Histogram* per_token = nullptr;
  prometheus::Histogram* attempt = nullptr;
  prometheus::Counter* retries = nullptr;
};

// The metrics of one caller.
struct CallerMetrics {
  prometheus::Counter* answered = nullptr;
  prometheus::Counter* failed = nullptr;
  prometheus::Counter* tokens = nullptr;
  prometheus::Counter* cost = nullptr;
};

// Creates the families in a registry of their own. Thread-safe. Every function
// returns the same metric for the same labels, and creates it at the first
// call.
class MetricFamilies {
 public:
  MetricFamilies();

  ModelMetrics ForModel(absl::string_view model);
  CallerMetrics ForCaller(absl::string_view caller);

  // Metrics that are touched too rarely to be kept in ModelMetrics.
  prometheus::Counter& Failures(absl::string_view model,
                                absl::string_view reason);
  prometheus::Counter& Attempts(absl::string_view model,
                                absl::string_view code);
  prometheus::Counter& Refusals(absl::string_view reason);
  prometheus::Counter& Dropped(absl::string_view cause);
  // The same counter under its former name.
  prometheus::Counter& Cut(absl::string_view cause);
  prometheus::Gauge& Breaker(absl::string_view model);
  prometheus::Gauge& Info(absl::string_view version);
  prometheus::Gauge& Gauge(const char* name, const char* help);
  prometheus::Counter& Counter(const char* name, const char* help);
  prometheus::Histogram& overhead() { return overhead_; }

  // All metrics in the text format of Prometheus.
  std::string Text() const;

 private:
  prometheus::Registry registry_;
  prometheus::Histogram& overhead_;
};

}  // namespace holysheep
