#include "telemetry/metric_families.h"

#include <prometheus/text_serializer.h>

#include <sstream>

namespace holysheep {
namespace {

using Buckets = prometheus::Histogram::BucketBoundaries;

// The boundaries that OpenTelemetry advises for generative models, with finer
// ones below for what the cache answers.
const Buckets& DurationBuckets() {
  static const auto& buckets =
      *new Buckets{0.0001, 0.0005, 0.001, 0.005, 0.02,  0.08,  0.32, 0.64,
                   1.28,   2.56,   5.12,  10.24, 20.48, 40.96, 81.92};
  return buckets;
}

const Buckets& TokenBuckets() {
  static const auto& buckets =
      *new Buckets{0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0};
  return buckets;
}

const Buckets& OverheadBuckets() {
  static const auto& buckets =
      *new Buckets{0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002,
                   0.005,   0.01,   0.02,   0.05,   0.1,   0.5};
  return buckets;
}

constexpr char kModel[] = "gen_ai_request_model";
constexpr char kTokenType[] = "gen_ai_token_type";
constexpr char kSource[] = "source";
constexpr char kFresh[] = "upstream";
constexpr char kKept[] = "cache";

auto& Counters(prometheus::Registry& registry, const char* name,
               const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

auto& Gauges(prometheus::Registry& registry, const char* name,
             const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

auto& Histograms(prometheus::Registry& registry, const char* name,
                 const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

prometheus::Labels RequestLabels(absl::string_view model, const char* outcome,
                                 const char* cache, absl::string_view reason) {
  return {{kModel, std::string(model)},
          {"outcome", outcome},
          {"cache", cache},
          {"error_type", std::string(reason)}};
}

}  // namespace

MetricFamilies::MetricFamilies()
    : requests_(Counters(registry_, "holysheep_requests_total",
                         "Calls that have ended, by what became of them.")),
      tokens_(Counters(registry_, "gen_ai_server_token_usage_total",
                       "Tokens of the answers, by type and source.")),
      cost_(Counters(registry_, "holysheep_cost_usd_total",
                     "What the answers cost, in US dollars.")),
      saved_(Gauges(registry_, "holysheep_saved_usd",
                    "What was saved against the official price since the "
                    "start, in US dollars.")),
      duration_(Histograms(registry_, "gen_ai_server_request_duration_seconds",
                           "From the arrival of a call to its end.")),
      first_token_(Histograms(
          registry_, "gen_ai_server_time_to_first_token_seconds",
          "From the arrival of a call to its first piece of answer, without "
          "those of the cache.")),
      per_token_(
          Histograms(registry_, "gen_ai_server_time_per_output_token_seconds",
                     "Between two tokens of an answer after the first.")),
      attempt_(Histograms(registry_,
                          "holysheep_upstream_attempt_duration_seconds",
                          "One attempt at the upstream.")),
      attempts_(Counters(registry_, "holysheep_upstream_attempts_total",
                         "Attempts at the upstream, by HTTP status or what "
                         "kept it from coming.")),
      retries_(Counters(registry_, "holysheep_upstream_retries_total",
                        "Attempts that were not the first for their model.")),
      caller_requests_(Counters(registry_, "holysheep_caller_requests_total",
                                "Calls that have ended, by caller.")),
      caller_tokens_(Counters(registry_, "holysheep_caller_tokens_total",
                              "Tokens of the answers, by caller.")),
      caller_cost_(Counters(registry_, "holysheep_caller_cost_usd_total",
                            "What the answers cost in US dollars, by caller.")),
      refusals_(Counters(registry_, "holysheep_refused_requests_total",
                         "Calls that were turned away at the door: not "
                         "authenticated, not allowed, not valid.")),
      breaker_(Gauges(registry_, "holysheep_breaker_state",
                      "The circuit breaker: 0 closed, 1 half open, 2 open.")),
      overhead_(&Histograms(registry_, "holysheep_overhead_seconds",
                            "The service's own part of a call: its duration "
                            "less queue and upstream, for those "
                            "of one attempt.")
                     .Add({}, OverheadBuckets())) {}

ModelMetrics::Tokens MetricFamilies::TokensOf(const std::string& model,
                                              const char* source) {
  const auto of = [&](const char* type) {
    return &tokens_.Add(
        {{kModel, model}, {kSource, source}, {kTokenType, type}});
  };
  return {of("input"), of("cached_input"), of("output"), of("reasoning")};
}

ModelMetrics MetricFamilies::ForModel(absl::string_view model) {
  const std::string name(model);
  ModelMetrics metrics;
  metrics.model = name;
  constexpr const char* kCaches[] = {"miss", "hit", "joined", "stale",
                                     "bypassed"};
  for (int i = 0; i < kCacheOutcomes; ++i) {
    metrics.requests[i] =
        &requests_.Add(RequestLabels(model, "ok", kCaches[i], ""));
  }
  metrics.cancelled =
      &requests_.Add(RequestLabels(model, "cancelled", "none", ""));
  metrics.fresh = TokensOf(name, kFresh);
  metrics.kept = TokensOf(name, kKept);
  metrics.cost = &cost_.Add({{kModel, name}});
  metrics.saved = &saved_.Add({{kModel, name}});
  const auto duration = [&](const char* source) {
    return &duration_.Add({{kModel, name}, {kSource, source}},
                          DurationBuckets());
  };
  metrics.duration_fresh = duration(kFresh);
  metrics.duration_kept = duration(kKept);
  metrics.duration_failed = duration("none");
  metrics.first_token = &first_token_.Add({{kModel, name}}, DurationBuckets());
  metrics.per_token = &per_token_.Add({{kModel, name}}, TokenBuckets());
  metrics.attempt = &attempt_.Add({{kModel, name}}, DurationBuckets());
  metrics.retries = &retries_.Add({{kModel, name}});
  return metrics;
}

CallerMetrics MetricFamilies::ForCaller(absl::string_view caller) {
  const std::string name(caller);
  CallerMetrics metrics;
  metrics.answered =
      &caller_requests_.Add({{"caller", name}, {"outcome", "ok"}});
  metrics.failed =
      &caller_requests_.Add({{"caller", name}, {"outcome", "error"}});
  metrics.tokens = &caller_tokens_.Add({{"caller", name}});
  metrics.cost = &caller_cost_.Add({{"caller", name}});
  return metrics;
}

prometheus::Counter& MetricFamilies::Failures(absl::string_view model,
                                              absl::string_view reason) {
  return requests_.Add(RequestLabels(model, "error", "none", reason));
}

prometheus::Counter& MetricFamilies::Attempts(absl::string_view model,
                                              absl::string_view code) {
  return attempts_.Add(
      {{kModel, std::string(model)}, {"code", std::string(code)}});
}

prometheus::Counter& MetricFamilies::Refusals(absl::string_view reason) {
  return refusals_.Add({{"error_type", std::string(reason)}});
}

prometheus::Gauge& MetricFamilies::Breaker(absl::string_view model) {
  return breaker_.Add({{kModel, std::string(model)}});
}

prometheus::Gauge& MetricFamilies::Info(absl::string_view version) {
  return Gauges(registry_, "holysheep_build_info", "Always 1.")
      .Add({{"version", std::string(version)}});
}

prometheus::Gauge& MetricFamilies::Gauge(const std::string& name,
                                         const std::string& help) {
  return Gauges(registry_, name.c_str(), help.c_str()).Add({});
}

prometheus::Counter& MetricFamilies::Counter(const std::string& name,
                                             const std::string& help) {
  return Counters(registry_, name.c_str(), help.c_str()).Add({});
}

std::string MetricFamilies::Text() const {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, registry_.Collect());
  return out.str();
}

}  // namespace holysheep
