#pragma once

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chat/call_stats.h"
#include "config/config.h"
#include "intake/apps.h"
#include "policy/circuit_breaker_registry.h"
#include "policy/wire_refusal.h"
#include "store/usage_ledger.h"
#include "store/usage_report.h"
#include "telemetry/call_log.h"
#include "telemetry/fan_out.h"
#include "telemetry/logger.h"
#include "telemetry/metrics.h"

namespace holysheep {

// Opens the ledger of the configuration. The error says why its file cannot be
// used. `logger` must outlive it. With an empty `config.path` it is in memory
// only. UNAVAILABLE names `ledger.path`.
absl::StatusOr<std::unique_ptr<UsageLedger>> OpenLedger(
    const config::LedgerConfig& config, Logger& logger);

// All objects that record calls. Thread-safe. The chain and the services hold
// references to its parts, so it must outlive them.
class Observers {
 public:
  Observers(Logger& logger, const config::Config& config,
            std::unique_ptr<UsageLedger> ledger);

  // Adopts what a reload changes: the names in metrics, and the log.
  void TakeUp(const config::Config& config);

  // Answers GetUsage, as ReportUsage does, with the names of `apps`.
  absl::StatusOr<pb::GetUsageResponse> Usage(const pb::GetUsageRequest& request,
                                             const Apps& apps) const;

  // Records a call that was refused before it was carried out. Counted for
  // /metrics, and logged unless the caller is not authenticated. `error` comes
  // from the intake.
  void OnRefused(const absl::Status& error);
  // Logs a circuit that has opened or closed. Called on the loop.
  void OnBreaker(const CircuitBreakerRegistry::Entry& entry);
  // Logs what a model turned out not to take. Called on the loop.
  void OnLearned(absl::string_view model, WireRefusal refusal);

  // Passes each call to all sinks: statistics, ledger, log and, if the port for
  // monitoring is on, metrics.
  CallSink& calls() { return calls_; }
  CallStats& stats() { return stats_; }
  UsageLedger& ledger() { return *ledger_; }
  Metrics& metrics() { return *metrics_; }
  // For a worker, whose work may outlive this.
  std::shared_ptr<Metrics> shared_metrics() { return metrics_; }
  Logger& logger() { return logger_; }

 private:
  // The sinks of all calls.
  std::vector<CallSink*> Sinks(const config::Config& config);

  Logger& logger_;
  // The order matters: `calls_` refers to all others.
  CallStats stats_;
  const std::unique_ptr<UsageLedger> ledger_;
  const std::shared_ptr<Metrics> metrics_;
  CallLog call_log_;
  FanOut calls_;
};

}  // namespace holysheep
