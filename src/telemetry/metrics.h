#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "chat/app_options.h"
#include "chat/attempt_sink.h"
#include "chat/call_sink.h"
#include "policy/circuit_breaker.h"

namespace holysheep {

// Values that are read when /metrics is asked for, rather than counted. The
// node collects them on the loop with each scrape (node/node.cc).
struct GaugeReadings {
  // As /readyz reports it.
  bool ready = false;
  // Calls that wait for a limit now.
  int64_t queue = 0;
  // 0 is unlimited.
  int64_t queue_limit = 0;
  // Attempts at the upstream now.
  int64_t slots_used = 0;
  // 0 is unlimited.
  int64_t slots = 0;
  // The present size of the answer cache, and entries dropped for want of room.
  int64_t cache_entries = 0;
  int64_t cache_bytes = 0;
  int64_t cache_evictions = 0;
  // What all clients make the service hold, and the most that it may be; 0 is
  // unlimited.
  int64_t memory_held = 0;
  int64_t memory_limit = 0;
  // How often the event loop was held up for more than 20 ms.
  int64_t loop_stalls = 0;
  // Lines of the log that were dropped.
  int64_t log_dropped = 0;
  // Connections that the listener has ended; see net/dropped_connections.h.
  int64_t dropped_without_room = 0;
  int64_t dropped_for_others = 0;
  int64_t dropped_as_flood = 0;
  // The state of each circuit, by model; models without a failure are absent.
  std::vector<std::pair<std::string, CircuitBreaker::State>> breakers;
};

// The service's metrics for Prometheus. The number of labels is bounded: a
// model, caller or app that was never configured, or is beyond the first
// kMaxNames, is counted as `other`. Thread-safe.
class Metrics : public CallSink, public AttemptSink {
 public:
  // Each model has more than a hundred time series, its histograms' buckets
  // included.
  static constexpr size_t kMaxNames = 200;

  // Adds names that labels may have; names are never removed. Thread-safe.
  // Called at the start and with each reload.
  virtual void AddNames(const std::vector<std::string>& models,
                        const std::vector<std::string>& callers) = 0;
  // The same for apps, and for `other`; before the first call no app is
  // counted. An app keeps the name that it had first.
  virtual void AddApps(const std::vector<AppOptions>& apps) = 0;

  // Counts a call that was refused before it was carried out. Thread-safe. Such
  // a call reaches neither Record nor a label with its model's name.
  virtual void CountRefusal(const absl::Status& error) = 0;

  // Returns all metrics in the text format of Prometheus. Thread-safe. Called
  // for each page, on a worker; adds the sums of all processors first.
  virtual std::string Text(const GaugeReadings& readings) = 0;
};

// `version` becomes a label of holysheep_build_info. The metrics of the name
// `other` exist from the start, so that no look-up can fail.
std::unique_ptr<Metrics> NewMetrics(absl::string_view version);

}  // namespace holysheep
