#include "telemetry/metrics.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "telemetry/call_metrics_shard.h"
#include "telemetry/metric_families.h"
#include "telemetry/per_cpu.h"

namespace holysheep {
namespace {

constexpr absl::string_view kOther = "other";

template <typename Metric>
using Table = absl::flat_hash_map<std::string, Metric>;

// The known names. Every call reads them, so they are read without a lock: a
// larger table replaces the old one, which stays alive for its readers. As each
// table has more names than the one before, there are at most 3 * kMaxNames.
struct Names {
  Table<const ModelMetrics*> models;
  Table<const CallerMetrics*> callers;
  Table<const CallerMetrics*> apps;
};

// Falls back to `other`, which is in every table.
template <typename Metric>
const Metric& Find(const Table<const Metric*>& table, absl::string_view name) {
  const auto found = table.find(name);
  return found == table.end() ? *table.find(kOther)->second : *found->second;
}

// For totals that are counted elsewhere. Callers hold the mutex, because this
// reads before it adds.
void SetTotal(prometheus::Counter& counter, int64_t total) {
  counter.Increment(static_cast<double>(total) - counter.Value());
}

// Invariants: a table of names is never changed once `names_` points to it, and
// `kept_` keeps all of them alive. Pointers in the tables are into the deques,
// whose elements never move. The mutex orders writers and scrapes only;
// answered calls take none but that of their shard.
class PrometheusMetrics final : public Metrics {
 public:
  explicit PrometheusMetrics(absl::string_view version) {
    families_
        .Gauge("holysheep_start_time_seconds",
               "When the service started, in seconds since 1970.")
        .SetToCurrentTime();
    families_.Info(version).Set(1);
    AddNames({std::string(kOther)}, {"", std::string(kOther)});
  }

  void AddNames(const std::vector<std::string>& models,
                const std::vector<std::string>& callers) override;
  void AddApps(const std::vector<AppOptions>& apps) override;
  void CountRefusal(const absl::Status& error) override {
    families_.Refusals(ReasonName(ReasonOf(error))).Increment();
  }
  void Record(const CallRecord& call) override;
  void RecordAttempt(const AttemptRecord& attempt) override;
  std::string Text(const GaugeReadings& readings) override;

 private:
  void Failed(const CallRecord& call, const ModelMetrics& model);
  void ShowBreakers(const GaugeReadings& readings);
  void SetDropped(absl::string_view cause, int64_t total) {
    SetTotal(families_.Dropped(cause), total);
    SetTotal(families_.Cut(cause), total);
  }

  // The results stay valid and the same for ever.
  const ModelMetrics& ModelFor(absl::string_view name) {
    return Find(names_.load()->models, name);
  }
  const CallerMetrics& CallerFor(absl::string_view name) {
    return Find(names_.load()->callers, name);
  }
  // Null for a call without an app.
  const CallerMetrics* AppFor(absl::string_view id) {
    const auto& apps = names_.load()->apps;
    return id.empty() || apps.empty() ? nullptr : &Find(apps, id);
  }

  MetricFamilies families_;
  // The sums that have not been added to `families_` yet.
  PerCpu<CallMetricsShard> tallies_;
  std::mutex mutex_;
  std::deque<ModelMetrics> models_ ABSL_GUARDED_BY(mutex_);
  std::deque<CallerMetrics> callers_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<const Names>> kept_ ABSL_GUARDED_BY(mutex_);
  std::atomic<const Names*> names_ = nullptr;
};

void PrometheusMetrics::AddNames(const std::vector<std::string>& models,
                                 const std::vector<std::string>& callers) {
  const std::lock_guard lock(mutex_);
  auto names = names_.load() == nullptr ? std::make_unique<Names>()
                                        : std::make_unique<Names>(*names_);
  bool changed = false;
  for (const std::string& name : models) {
    auto& table = names->models;
    if (table.size() >= kMaxNames || table.contains(name)) continue;
    table.emplace(name, &models_.emplace_back(families_.ForModel(name)));
    changed = true;
  }
  for (const std::string& name : callers) {
    auto& table = names->callers;
    if (table.size() >= kMaxNames || table.contains(name)) continue;
    table.emplace(name, &callers_.emplace_back(families_.ForCaller(name)));
    changed = true;
  }
  if (!changed) return;
  names_ = names.get();
  kept_.push_back(std::move(names));
}

void PrometheusMetrics::AddApps(const std::vector<AppOptions>& apps) {
  const std::lock_guard lock(mutex_);
  auto names = std::make_unique<Names>(*names_);
  auto& table = names->apps;
  const size_t before = table.size();
  const auto add = [&](const AppOptions& app) {
    if (table.contains(app.id)) return;
    table.emplace(app.id,
                  &callers_.emplace_back(families_.ForApp(app.id, app.name)));
  };
  for (const AppOptions& app : apps) {
    if (table.size() < kMaxNames || app.id == kOther) add(app);
  }
  add({std::string(kOther)});
  if (table.size() == before) return;
  names_ = names.get();
  kept_.push_back(std::move(names));
}

void PrometheusMetrics::Record(const CallRecord& call) {
  const ModelMetrics& model = ModelFor(call.request.model());
  const CallerMetrics& caller = CallerFor(call.request.caller->name);
  const CallerMetrics* app = AppFor(call.request.message->caller().app_id());
  if (call.answer != nullptr) {
    tallies_.WithOwn(
        [&](CallMetricsShard& tally) { tally.Add(call, model, caller, app); });
  } else {
    Failed(call, model);
    caller.failed->Increment();
    if (app != nullptr) app->failed->Increment();
  }
}

// Directly in the registry: failures are rare, and their labels have too many
// values for a shard.
void PrometheusMetrics::Failed(const CallRecord& call,
                               const ModelMetrics& model) {
  if (absl::IsCancelled(call.status)) {
    model.cancelled->Increment();
  } else {
    families_.Failures(model.model, ReasonName(ReasonOf(call.status)))
        .Increment();
  }
  model.duration_failed->Observe(absl::ToDoubleSeconds(call.latency));
}

void PrometheusMetrics::RecordAttempt(const AttemptRecord& attempt) {
  const ModelMetrics& model = ModelFor(attempt.request.model());
  model.attempt->Observe(absl::ToDoubleSeconds(attempt.duration));
  if (attempt.retry) model.retries->Increment();
  std::string code = "200";
  if (absl::IsCancelled(attempt.status)) {
    code = "CANCELLED";
  } else if (!attempt.status.ok()) {
    const int http_status = DetailsOf(attempt.status).http_status;
    const bool known = http_status >= 100 && http_status < 600;
    code = known ? absl::StrCat(http_status)
                 : std::string(ReasonName(ReasonOf(attempt.status)));
  }
  families_.Attempts(model.model, code).Increment();
}

void PrometheusMetrics::ShowBreakers(const GaugeReadings& readings) {
  const auto value = [](CircuitBreaker::State state) {
    if (state == CircuitBreaker::State::kClosed) return 0;
    return state == CircuitBreaker::State::kOpen ? 2 : 1;
  };
  int other = 0;
  for (const auto& [name, state] : readings.breakers) {
    const std::string& model = ModelFor(name).model;
    if (model == kOther) {
      other = std::max(other, value(state));
    } else {
      families_.Breaker(model).Set(value(state));
    }
  }
  families_.Breaker(kOther).Set(other);
}

std::string PrometheusMetrics::Text(const GaugeReadings& readings) {
  // Held for SetTotal, which reads before it adds.
  const std::lock_guard lock(mutex_);
  struct Row {
    const char* name;
    int64_t value;
    const char* help;
  };
  const Row gauges[] = {
      {"holysheep_ready", readings.ready ? 1 : 0,
       "1 if the service takes calls, as /readyz says."},
      {"holysheep_queue_depth", readings.queue, "Calls waiting for a limit."},
      {"holysheep_queue_limit", readings.queue_limit,
       "Calls that may wait at once; 0 means unlimited."},
      {"holysheep_slots_used", readings.slots_used,
       "Calls at the upstream now."},
      {"holysheep_slots", readings.slots,
       "Calls that may be at the upstream at once; 0 means unlimited."},
      {"holysheep_cache_entries", readings.cache_entries,
       "Answers in the cache."},
      {"holysheep_cache_bytes", readings.cache_bytes, "Their size."},
      {"holysheep_memory_held_bytes", readings.memory_held,
       "What clients make the service hold: requests, answers under way, and "
       "what slow readers have not taken."},
      {"holysheep_memory_limit_bytes", readings.memory_limit,
       "The most that it may be; 0 means unlimited."},
  };
  for (const Row& row : gauges) {
    families_.Gauge(row.name, row.help).Set(static_cast<double>(row.value));
  }
  SetTotal(families_.Counter("holysheep_cache_evictions_total",
                             "Answers that made room for others."),
           readings.cache_evictions);
  SetTotal(families_.Counter("holysheep_loop_stalls_total",
                             "Holds of the event loop of more than 20 ms."),
           readings.loop_stalls);
  SetTotal(families_.Counter("holysheep_log_lines_dropped_total",
                             "Lines of the log that nobody read in time."),
           readings.log_dropped);
  SetDropped("no_room", readings.dropped_without_room);
  SetDropped("crowded_out", readings.dropped_for_others);
  SetDropped("flood", readings.dropped_as_flood);
  ShowBreakers(readings);
  tallies_.WithEach(
      [this](CallMetricsShard& tally) { tally.MoveTo(families_.overhead()); });
  return families_.Text();
}

}  // namespace

std::unique_ptr<Metrics> NewMetrics(absl::string_view version) {
  return std::make_unique<PrometheusMetrics>(version);
}

}  // namespace holysheep
