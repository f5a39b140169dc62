#pragma once

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chat/call_stats.h"
#include "config/config.h"
#include "policy/circuit_breaker_registry.h"
#include "store/usage_ledger.h"
#include "telemetry/call_log.h"
#include "telemetry/fan_out.h"
#include "telemetry/logger.h"
#include "telemetry/metrics.h"

namespace holysheep {

// The ledger that the configuration asks for. `logger` must outlive it. The
// error says why its file cannot be used.
absl::StatusOr<std::unique_ptr<UsageLedger>> OpenLedger(
    const config::LedgerConfig& config, Logger& logger);

// Everyone who keeps account of the calls. Thread-safe.
class Observers {
 public:
  Observers(Logger& logger, const config::Config& config,
            std::unique_ptr<UsageLedger> ledger);

  // What a reload changes: names that metrics may show, and the log.
  void TakeUp(const config::Config& config);

  // A call was turned away at the door.
  void OnRefused(const absl::Status& error);
  // A circuit has opened or closed.
  void OnBreaker(const CircuitBreakerRegistry::Entry& entry);

  CallSink& calls() { return calls_; }
  CallStats& stats() { return stats_; }
  UsageLedger& ledger() { return *ledger_; }
  Metrics& metrics() { return *metrics_; }
  Logger& logger() { return logger_; }

 private:
  // Those who hear of every call.
  std::vector<CallSink*> Sinks(const config::Config& config);

  Logger& logger_;
  CallStats stats_;
  const std::unique_ptr<UsageLedger> ledger_;
  const std::unique_ptr<Metrics> metrics_;
  CallLog call_log_;
  FanOut calls_;
};

}  // namespace holysheep
