#include "node/observers.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/errors.h"
#include "base/worker.h"
#include "holysheep/node/v1/node.pb.h"
#include "telemetry/log_line.h"

namespace holysheep {
namespace {

// A budget must find what its app has spent after a restart.
absl::flat_hash_set<std::string> KnownApps(const config::Config& config) {
  absl::flat_hash_set<std::string> ids;
  for (const AppOptions& app : config.apps) ids.insert(app.id);
  for (const BudgetRule& rule : config.limits.budgets) ids.insert(rule.app);
  return ids;
}

}  // namespace

absl::StatusOr<std::unique_ptr<UsageLedger>> OpenLedger(
    const config::LedgerConfig& config, Logger& logger) {
  const auto wrong = [&config](const absl::Status& status) {
    return absl::UnavailableError(absl::StrCat(
        "ledger.path: cannot use ", config.path, ": ", status.message()));
  };
  UsageLedgerOptions options;
  options.retain_days = config.retain_days;
  options.on_trouble = [&logger, path = config.path](const auto& status) {
    logger.Say(LogLevel::kError,
               absl::StrCat("ledger.path: cannot write to ", path, ": ",
                            status.message(), "; it is tried again"));
  };
  if (!config.path.empty()) {
    auto file = OpenUsageFile(config.path);
    if (!file.ok()) return wrong(file.status());
    options.file = *std::move(file);
    options.writer = NewWorker(1);
    options.syncer = NewWorker(1);
  }
  auto ledger = OpenUsageLedger(std::move(options), absl::Now());
  if (!ledger.ok()) return wrong(ledger.status());
  return ledger;
}

Observers::Observers(Logger& logger, const config::Config& config,
                     std::unique_ptr<UsageLedger> ledger)
    : logger_(logger),
      ledger_(std::move(ledger)),
      metrics_(NewMetrics(HOLYSHEEP_VERSION)),
      call_log_(logger, config.log.prompts),
      calls_(Sinks(config)) {
  TakeUp(config);
}

std::vector<CallSink*> Observers::Sinks(const config::Config& config) {
  std::vector<CallSink*> sinks = {&stats_, ledger_.get(), &call_log_};
  // Without the port they could not be read.
  if (!config.http_listen.text.empty()) sinks.push_back(metrics_.get());
  return sinks;
}

// Names are only added, so that counters of a removed model stay readable.
void Observers::TakeUp(const config::Config& config) {
  std::vector<std::string> models;
  for (const ModelInfo& model : config.models) models.push_back(model.id);
  std::vector<std::string> callers;
  for (const TokenOptions& token : config.auth.tokens) {
    callers.push_back(token.name);
  }
  metrics_->AddNames(models, callers);
  ledger_->AddNames(models, callers);
  metrics_->AddApps(config.apps);
  ledger_->SetKnownApps(KnownApps(config));
  call_log_.SetPrompts(config.log.prompts);
  logger_.Configure(config.log.lines.level, config.log.lines.format);
}

absl::StatusOr<pb::GetUsageResponse> Observers::Usage(
    const pb::GetUsageRequest& request, const Apps& apps) const {
  return ReportUsage(*ledger_, request,
                     [&](absl::string_view id) { return apps.NameOf(id); });
}

void Observers::OnRefused(const absl::Status& error) {
  metrics_->CountRefusal(error);
  // A client that guesses tokens must not fill the log.
  const Reason reason = ReasonOf(error);
  if (reason == Reason::kUnauthenticated || !logger_.Takes(LogLevel::kInfo)) {
    return;
  }
  LogLine line({logger_.format(), LogLevel::kInfo, absl::Now(), "refused"});
  line.Word("outcome", "refused");
  line.Word("reason", ReasonName(reason));
  line.Word("code", absl::StatusCodeToString(CodeOf(reason)));
  const std::string field = DetailsOf(error).field;
  if (!field.empty()) line.Text("field", field);
  logger_.Write(LogLevel::kInfo, line.Finish());
}

void Observers::OnBreaker(const CircuitBreakerRegistry::Entry& entry) {
  const bool open = entry.state == CircuitBreaker::State::kOpen;
  const LogLevel level = open ? LogLevel::kWarn : LogLevel::kInfo;
  if (!logger_.Takes(level)) return;
  LogLine line({logger_.format(), level, absl::Now(),
                open ? "circuit opened" : "circuit closed"});
  line.Text("model", entry.model);
  line.Number("failures", entry.failures);
  if (open) line.Millis("retry_after_ms", entry.retry_after);
  logger_.Write(level, line.Finish());
}

void Observers::OnLearned(absl::string_view model, WireRefusal refusal) {
  if (!logger_.Takes(LogLevel::kWarn)) return;
  LogLine line(
      {logger_.format(), LogLevel::kWarn, absl::Now(), "parameter refused"});
  line.Text("model", model);
  line.Text("parameter", ParameterOf(refusal));
  line.Text("since", absl::StrCat("it ", ConsequenceOf(refusal)));
  logger_.Write(LogLevel::kWarn, line.Finish());
}

}  // namespace holysheep
