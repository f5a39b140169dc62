#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "chat/attempt_sink.h"
#include "chat/call_sink.h"
#include "policy/circuit_breaker.h"

namespace holysheep {

// What is looked at when someone asks, rather than counted.
struct GaugeReadings {
  bool ready = false;
  int64_t queue = 0;
  // 0 is no limit.
  int64_t queue_limit = 0;
  int64_t slots_used = 0;
  // 0 is no limit.
  int64_t slots = 0;
  int64_t cache_entries = 0;
  int64_t cache_bytes = 0;
  int64_t cache_evictions = 0;
  int64_t log_dropped = 0;
  // Connections that were ended; see net/dropped_connections.h.
  int64_t dropped_without_room = 0;
  int64_t dropped_as_flood = 0;
  std::vector<std::pair<std::string, CircuitBreaker::State>> breakers;
};

// The service's metrics for Prometheus. Labels are bounded: a model or caller
// that was never configured, or is beyond the first kMaxNames, is `other`.
class Metrics : public CallSink, public AttemptSink {
 public:
  static constexpr size_t kMaxNames = 200;

  // Adds names that labels may have. Thread-safe.
  virtual void AddNames(const std::vector<std::string>& models,
                        const std::vector<std::string>& callers) = 0;

  // Counts a call that was turned away at the door. Thread-safe.
  virtual void CountRefusal(const absl::Status& error) = 0;

  // Everything in the text format of Prometheus. Thread-safe.
  virtual std::string Text(const GaugeReadings& readings) = 0;
};

std::unique_ptr<Metrics> NewMetrics(absl::string_view version);

}  // namespace holysheep
