#include "telemetry/call_metrics_shard.h"

#include <algorithm>
#include <utility>

#include "chat/answer.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

CacheOutcome OutcomeOf(const pb::InvokeResponse& response) {
  switch (response.cache_info().outcome()) {
    case pb::CacheInfo::MISS:
      return CacheOutcome::kMiss;
    case pb::CacheInfo::HIT:
      return CacheOutcome::kHit;
    case pb::CacheInfo::JOINED:
      return CacheOutcome::kJoined;
    case pb::CacheInfo::STALE:
      return CacheOutcome::kStale;
    default:
      return CacheOutcome::kBypassed;
  }
}

// Whether the upstream was asked for this very call.
bool IsFresh(CacheOutcome outcome) {
  return outcome == CacheOutcome::kMiss || outcome == CacheOutcome::kBypassed;
}

// Adds `amount` to the counter and resets it. Zero is not added, because that
// costs as much as any other number.
template <typename Amount>
void MoveTo(Amount& amount, prometheus::Counter& counter) {
  if (amount > 0) counter.Increment(static_cast<double>(amount));
  amount = 0;
}

}  // namespace

Distribution::Distribution(const Buckets& bounds)
    : bounds_(bounds), counts_(bounds.size() + 1) {}

void Distribution::Observe(double value) {
  const auto bound = std::lower_bound(bounds_.begin(), bounds_.end(), value);
  ++counts_[static_cast<size_t>(bound - bounds_.begin())];
  sum_ += value;
}

void Distribution::MoveTo(prometheus::Histogram& histogram) {
  if (std::all_of(counts_.begin(), counts_.end(),
                  [](double count) { return count == 0; })) {
    return;
  }
  histogram.ObserveMultiple(counts_, std::exchange(sum_, 0));
  std::fill(counts_.begin(), counts_.end(), 0);
}

void CallMetricsShard::Add(const CallRecord& call, const ModelMetrics& model,
                           const CallerMetrics& caller,
                           const CallerMetrics* app) {
  const pb::InvokeResponse& response = call.answer->response;
  const Cost amounts = call.answer->cost.value_or(Cost());
  const double cost = amounts.total.ToDouble();
  const CacheOutcome outcome = OutcomeOf(response);
  OfModel& of_model = models_[&model];
  Count(response, outcome, of_model);
  of_model.cost += cost;
  of_model.saved += amounts.saved.ToDouble();
  const double seconds = absl::ToDoubleSeconds(call.latency);
  Time(response, outcome, seconds, of_model);
  TimeOverhead(response, outcome, seconds);
  for (const CallerMetrics* metrics : {&caller, app}) {
    if (metrics == nullptr) continue;
    OfCaller& sums = callers_[metrics];
    ++sums.answered;
    sums.tokens += response.usage().total_tokens();
    sums.cost += cost;
  }
}

void CallMetricsShard::Count(const pb::InvokeResponse& response,
                             CacheOutcome outcome, OfModel& model) {
  ++model.requests[static_cast<size_t>(outcome)];
  const pb::Usage& usage = response.usage();
  Tokens& tokens = IsFresh(outcome) ? model.fresh : model.kept;
  tokens.input += usage.prompt_tokens();
  tokens.cached_input += usage.cached_prompt_tokens();
  tokens.cache_write += usage.cache_write_tokens();
  tokens.output += usage.completion_tokens();
  tokens.reasoning += usage.reasoning_tokens();
}

// A time per token makes sense only from the second token on.
void CallMetricsShard::Time(const pb::InvokeResponse& response,
                            CacheOutcome outcome, double seconds,
                            OfModel& model) {
  if (!IsFresh(outcome)) {
    return model.duration_kept.Observe(seconds);
  }
  model.duration_fresh.Observe(seconds);
  const double first = response.first_token_ms() / 1000;
  if (first <= 0) return;
  model.first_token.Observe(first);
  const int64_t rest = response.usage().completion_tokens() - 1;
  if (rest <= 0) return;
  model.per_token.Observe(std::max(0.0, seconds - first) / double(rest));
}

// The service's own time. It is known only for calls with one attempt: between
// two attempts a call waits for neither queue nor upstream, and a call that
// joined waits for another's.
void CallMetricsShard::TimeOverhead(const pb::InvokeResponse& response,
                                    CacheOutcome outcome, double seconds) {
  if (outcome == CacheOutcome::kJoined || response.attempts() > 1) return;
  const double elsewhere =
      IsFresh(outcome) ? response.queue_ms() + response.upstream_ms() : 0;
  overhead_.Observe(std::max(0.0, seconds - elsewhere / 1000));
}

void CallMetricsShard::Move(Tokens& from, const ModelMetrics::Tokens& to) {
  holysheep::MoveTo(from.input, *to.input);
  holysheep::MoveTo(from.cached_input, *to.cached_input);
  holysheep::MoveTo(from.cache_write, *to.cache_write);
  holysheep::MoveTo(from.output, *to.output);
  holysheep::MoveTo(from.reasoning, *to.reasoning);
}

void CallMetricsShard::Move(OfModel& from, const ModelMetrics& to) {
  for (size_t i = 0; i < from.requests.size(); ++i) {
    holysheep::MoveTo(from.requests[i], *to.requests[i]);
  }
  Move(from.fresh, to.fresh);
  Move(from.kept, to.kept);
  holysheep::MoveTo(from.cost, *to.cost);
  to.saved->Increment(std::exchange(from.saved, 0));
  from.duration_fresh.MoveTo(*to.duration_fresh);
  from.duration_kept.MoveTo(*to.duration_kept);
  from.first_token.MoveTo(*to.first_token);
  from.per_token.MoveTo(*to.per_token);
}

void CallMetricsShard::MoveTo(prometheus::Histogram& overhead) {
  for (auto& [metrics, tally] : models_) Move(tally, *metrics);
  for (auto& [metrics, tally] : callers_) {
    holysheep::MoveTo(tally.answered, *metrics->answered);
    holysheep::MoveTo(tally.tokens, *metrics->tokens);
    holysheep::MoveTo(tally.cost, *metrics->cost);
  }
  overhead_.MoveTo(overhead);
}

}  // namespace holysheep
