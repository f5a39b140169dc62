#include "telemetry/metric_families.h"

#include <prometheus/text_serializer.h>

#include <sstream>

namespace holysheep {
namespace {

constexpr char kModel[] = "gen_ai_request_model";
constexpr char kTokenType[] = "gen_ai_token_type";
constexpr char kSource[] = "source";
constexpr char kFresh[] = "upstream";
constexpr char kKept[] = "cache";

// Names follow OpenTelemetry's conventions for generative models where they
// have one (gen_ai_…); they are part of the interface and never change.
struct Family {
  const char* name;
  const char* help;
};
constexpr Family kRequests = {"holysheep_requests_total",
                              "Calls that have ended, by what became of them."};
constexpr Family kTokens = {"gen_ai_server_token_usage_total",
                            "Tokens of the answers, by type and source."};
constexpr Family kCost = {"holysheep_cost_usd_total",
                          "What the answers cost, in US dollars."};
constexpr Family kSaved = {
    "holysheep_saved_usd",
    "What was saved against the official price since the start, in US "
    "dollars."};
constexpr Family kDuration = {"gen_ai_server_request_duration_seconds",
                              "From the arrival of a call to its end."};
constexpr Family kFirstToken = {
    "gen_ai_server_time_to_first_token_seconds",
    "From the arrival of a call to its first piece of answer, without those "
    "of the cache."};
constexpr Family kPerToken = {
    "gen_ai_server_time_per_output_token_seconds",
    "Between two tokens of an answer after the first."};
constexpr Family kAttempt = {"holysheep_upstream_attempt_duration_seconds",
                             "One attempt at the upstream."};
constexpr Family kAttempts = {
    "holysheep_upstream_attempts_total",
    "Attempts at the upstream, by HTTP status or what kept it from coming."};
constexpr Family kRetries = {
    "holysheep_upstream_retries_total",
    "Attempts that were not the first for their model."};
constexpr Family kCallerRequests = {"holysheep_caller_requests_total",
                                    "Calls that have ended, by caller."};
constexpr Family kCallerTokens = {"holysheep_caller_tokens_total",
                                  "Tokens of the answers, by caller."};
constexpr Family kCallerCost = {
    "holysheep_caller_cost_usd_total",
    "What the answers cost in US dollars, by caller."};
constexpr Family kAppRequests = {"holysheep_app_requests_total",
                                 "Calls that have ended, by app."};
constexpr Family kAppTokens = {"holysheep_app_tokens_total",
                               "Tokens of the answers, by app."};
constexpr Family kAppCost = {"holysheep_app_cost_usd_total",
                             "What the answers cost in US dollars, by app."};
constexpr Family kRefusals = {
    "holysheep_refused_requests_total",
    "Calls that were turned away at the door: not authenticated, not allowed, "
    "not valid."};
constexpr Family kDropped = {
    "holysheep_dropped_connections_total",
    "Connections that were ended: because there were too many, or because the "
    "client sent much more than was answered."};
constexpr Family kCut = {
    "holysheep_cut_connections_total",
    "The former name of holysheep_dropped_connections_total, until 1.1."};
constexpr Family kBreaker = {
    "holysheep_breaker_state",
    "The circuit breaker: 0 closed, 1 half open, 2 open."};
constexpr Family kOverhead = {
    "holysheep_overhead_seconds",
    "The service's own part of a call: its duration less queue and upstream, "
    "for those of one attempt."};
constexpr Family kInfo = {"holysheep_build_info", "Always 1."};

// Returns the metric with these labels, creating it if necessary. The registry
// returns the same family for the same name.
template <typename Builder, typename... Bounds>
auto& Get(Builder builder, prometheus::Registry& registry, const Family& family,
          const prometheus::Labels& labels, const Bounds&... bounds) {
  return builder.Name(family.name)
      .Help(family.help)
      .Register(registry)
      .Add(labels, bounds...);
}

prometheus::Counter& GetCounter(prometheus::Registry& registry,
                                const Family& family,
                                const prometheus::Labels& labels) {
  return Get(prometheus::BuildCounter(), registry, family, labels);
}

prometheus::Gauge& GetGauge(prometheus::Registry& registry,
                            const Family& family,
                            const prometheus::Labels& labels) {
  return Get(prometheus::BuildGauge(), registry, family, labels);
}

prometheus::Histogram& GetHistogram(prometheus::Registry& registry,
                                    const Family& family,
                                    const prometheus::Labels& labels,
                                    const Buckets& buckets) {
  return Get(prometheus::BuildHistogram(), registry, family, labels, buckets);
}

prometheus::Labels RequestLabels(absl::string_view model, const char* outcome,
                                 const char* cache, absl::string_view reason) {
  return {{kModel, std::string(model)},
          {"outcome", outcome},
          {"cache", cache},
          {"error_type", std::string(reason)}};
}

prometheus::Labels With(const char* outcome, prometheus::Labels labels) {
  labels.emplace("outcome", outcome);
  return labels;
}

ModelMetrics::Tokens TokensOf(prometheus::Registry& registry,
                              const std::string& model, const char* source) {
  const auto of = [&](const char* type) {
    return &GetCounter(
        registry, kTokens,
        {{kModel, model}, {kSource, source}, {kTokenType, type}});
  };
  return {of("input"), of("cached_input"), of("cache_write_input"),
          of("output"), of("reasoning")};
}

}  // namespace

// The boundaries that OpenTelemetry recommends for generative models, with
// finer ones below for answers of the cache.
const Buckets& DurationBuckets() {
  static const auto& buckets =
      *new Buckets{0.0001, 0.0005, 0.001, 0.005, 0.02,  0.08,  0.32, 0.64,
                   1.28,   2.56,   5.12,  10.24, 20.48, 40.96, 81.92};
  return buckets;
}

// The recommended boundaries for the time per output token.
const Buckets& TokenBuckets() {
  static const auto& buckets =
      *new Buckets{0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0};
  return buckets;
}

// Around the time that a call takes inside the service, which is a fraction of
// a millisecond.
const Buckets& OverheadBuckets() {
  static const auto& buckets =
      *new Buckets{0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002,
                   0.005,   0.01,   0.02,   0.05,   0.1,   0.5};
  return buckets;
}

MetricFamilies::MetricFamilies()
    : overhead_(GetHistogram(registry_, kOverhead, {}, OverheadBuckets())) {}

ModelMetrics MetricFamilies::ForModel(absl::string_view model) {
  const std::string name(model);
  const prometheus::Labels of_model = {{kModel, name}};
  ModelMetrics metrics;
  metrics.model = name;
  constexpr const char* kCaches[] = {"miss", "hit", "joined", "stale",
                                     "bypassed"};
  for (int i = 0; i < kCacheOutcomes; ++i) {
    metrics.requests[i] = &GetCounter(
        registry_, kRequests, RequestLabels(model, "ok", kCaches[i], ""));
  }
  metrics.cancelled = &GetCounter(
      registry_, kRequests, RequestLabels(model, "cancelled", "none", ""));
  metrics.fresh = TokensOf(registry_, name, kFresh);
  metrics.kept = TokensOf(registry_, name, kKept);
  metrics.cost = &GetCounter(registry_, kCost, of_model);
  metrics.saved = &GetGauge(registry_, kSaved, of_model);
  const auto duration = [&](const char* source) {
    return &GetHistogram(registry_, kDuration,
                         {{kModel, name}, {kSource, source}},
                         DurationBuckets());
  };
  metrics.duration_fresh = duration(kFresh);
  metrics.duration_kept = duration(kKept);
  metrics.duration_failed = duration("none");
  metrics.first_token =
      &GetHistogram(registry_, kFirstToken, of_model, DurationBuckets());
  metrics.per_token =
      &GetHistogram(registry_, kPerToken, of_model, TokenBuckets());
  metrics.attempt =
      &GetHistogram(registry_, kAttempt, of_model, DurationBuckets());
  metrics.retries = &GetCounter(registry_, kRetries, of_model);
  return metrics;
}

CallerMetrics MetricFamilies::ForCaller(absl::string_view caller) {
  const prometheus::Labels labels = {{"caller", std::string(caller)}};
  return {&GetCounter(registry_, kCallerRequests, With("ok", labels)),
          &GetCounter(registry_, kCallerRequests, With("error", labels)),
          &GetCounter(registry_, kCallerTokens, labels),
          &GetCounter(registry_, kCallerCost, labels)};
}

CallerMetrics MetricFamilies::ForApp(absl::string_view id,
                                     absl::string_view name) {
  const prometheus::Labels labels = {{"app", std::string(id)},
                                     {"name", std::string(name)}};
  return {&GetCounter(registry_, kAppRequests, With("ok", labels)),
          &GetCounter(registry_, kAppRequests, With("error", labels)),
          &GetCounter(registry_, kAppTokens, labels),
          &GetCounter(registry_, kAppCost, labels)};
}

prometheus::Counter& MetricFamilies::Failures(absl::string_view model,
                                              absl::string_view reason) {
  return GetCounter(registry_, kRequests,
                    RequestLabels(model, "error", "none", reason));
}

prometheus::Counter& MetricFamilies::Attempts(absl::string_view model,
                                              absl::string_view code) {
  return GetCounter(
      registry_, kAttempts,
      {{kModel, std::string(model)}, {"code", std::string(code)}});
}

prometheus::Counter& MetricFamilies::Refusals(absl::string_view reason) {
  return GetCounter(registry_, kRefusals,
                    {{"error_type", std::string(reason)}});
}

prometheus::Counter& MetricFamilies::Dropped(absl::string_view cause) {
  return GetCounter(registry_, kDropped, {{"cause", std::string(cause)}});
}

prometheus::Counter& MetricFamilies::Cut(absl::string_view cause) {
  return GetCounter(registry_, kCut, {{"cause", std::string(cause)}});
}

prometheus::Gauge& MetricFamilies::Breaker(absl::string_view model) {
  return GetGauge(registry_, kBreaker, {{kModel, std::string(model)}});
}

prometheus::Gauge& MetricFamilies::Info(absl::string_view version) {
  return GetGauge(registry_, kInfo, {{"version", std::string(version)}});
}

prometheus::Gauge& MetricFamilies::Gauge(const char* name, const char* help) {
  return GetGauge(registry_, {name, help}, {});
}

prometheus::Counter& MetricFamilies::Counter(const char* name,
                                             const char* help) {
  return GetCounter(registry_, {name, help}, {});
}

std::string MetricFamilies::Text() const {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, registry_.Collect());
  return out.str();
}

}  // namespace holysheep
