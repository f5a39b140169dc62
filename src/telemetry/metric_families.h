#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <string>

#include "absl/strings/string_view.h"

// What /metrics shows, by family. docs/reference.md describes each.
namespace holysheep {

using Buckets = prometheus::Histogram::BucketBoundaries;

// In seconds, ascending.
const Buckets& DurationBuckets();
const Buckets& TokenBuckets();
const Buckets& OverheadBuckets();

enum class CacheOutcome { kMiss, kHit, kJoined, kStale, kBypassed };
inline constexpr int kCacheOutcomes = 5;

// The metrics of one model that a call can touch without looking up labels.
struct ModelMetrics {
  std::string model;
  std::array<prometheus::Counter*, kCacheOutcomes> requests;
  prometheus::Counter* cancelled = nullptr;
  // From the upstream, and from the cache.
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

// The same of one caller.
struct CallerMetrics {
  prometheus::Counter* answered = nullptr;
  prometheus::Counter* failed = nullptr;
  prometheus::Counter* tokens = nullptr;
  prometheus::Counter* cost = nullptr;
};

// The families, in a registry of their own. Thread-safe.
class MetricFamilies {
 public:
  MetricFamilies();

  ModelMetrics ForModel(absl::string_view model);
  CallerMetrics ForCaller(absl::string_view caller);

  // Those that are too rare to be kept at hand.
  prometheus::Counter& Failures(absl::string_view model,
                                absl::string_view reason);
  prometheus::Counter& Attempts(absl::string_view model,
                                absl::string_view code);
  prometheus::Counter& Refusals(absl::string_view reason);
  prometheus::Counter& Dropped(absl::string_view cause);
  // The same under its former name.
  prometheus::Counter& Cut(absl::string_view cause);
  prometheus::Gauge& Breaker(absl::string_view model);
  prometheus::Gauge& Info(absl::string_view version);
  prometheus::Gauge& Gauge(const char* name, const char* help);
  prometheus::Counter& Counter(const char* name, const char* help);
  prometheus::Histogram& overhead() { return overhead_; }

  // In the text format of Prometheus.
  std::string Text() const;

 private:
  prometheus::Registry registry_;
  prometheus::Histogram& overhead_;
};

}  // namespace holysheep
