#include "config/schema.h"

#include "absl/strings/str_cat.h"
#include "config/address.h"
#include "config/exposure.h"

namespace holysheep::config {
namespace {

constexpr absl::Duration kYear = absl::Hours(365 * 24);
constexpr int64_t kMaxBytes = int64_t{1} << 40;
constexpr int64_t kMaxBatchInFlight = 10'000;

absl::StatusOr<ListenAddress> ReadListen(const Scalar& scalar) {
  return ParseListenAddress(scalar.text);
}

absl::StatusOr<ListenAddress> ReadHttpListen(const Scalar& scalar) {
  if (scalar.text.empty()) return ListenAddress();
  absl::StatusOr<ListenAddress> address = ParseListenAddress(scalar.text);
  if (address.ok() && address->host.empty()) {
    return MakeError(Reason::kInvalidArgument,
                     "must be an address and port, or empty");
  }
  return address;
}

ScalarParser<int64_t> Count() { return WholeNumber(0, kMaxCount); }

void ReadTimeouts(Fields& fields, TimeoutsConfig& config) {
  fields.Read("connect", config.connect, DurationWithin(kShortest, kDay));
  fields.Read("first_token", config.first_token,
              DurationWithin(kShortest, kDay));
  fields.Read("idle", config.idle, DurationWithin(kShortest, kDay));
  fields.Read("total", config.total, DurationWithin(kShortest, kDay));
}

void ReadCache(Fields& fields, CacheConfig& config) {
  const auto age = DurationWithin(absl::ZeroDuration(), kYear);
  fields.Read("enabled", config.enabled, Boolean());
  fields.Read("max_entries", config.max_entries, Count());
  fields.Read("max_bytes", config.max_bytes, WholeNumber(0, kMaxBytes));
  fields.Read("ttl", config.ttl, age);
  fields.Read("stale_if_error", config.stale_if_error, age);
}

void ReadLimits(Fields& fields, LimitsConfig& config) {
  ReadRates(fields, config.service);
  fields.Read("max_concurrent", config.service.max_concurrent, Count());
  fields.Read("max_queue", config.max_queue, Count());
  fields.Read("max_queue_wait", config.max_queue_wait,
              DurationWithin(absl::ZeroDuration(), kDay));
  fields.Read("batch_in_flight", config.batch_in_flight,
              WholeNumber(1, kMaxBatchInFlight));
  fields.Read("max_connections", config.max_connections, Count());
}

void ReadRetry(Fields& fields, RetryConfig& config) {
  const auto wait = DurationWithin(absl::ZeroDuration(), kDay);
  int64_t attempts = config.max_attempts;
  fields.Read("max_attempts", attempts, WholeNumber(1, 100));
  config.max_attempts = static_cast<int>(attempts);
  fields.Read("initial_backoff", config.initial_backoff, wait);
  fields.Read("max_backoff", config.max_backoff, wait);
  fields.Read("budget_ratio", config.budget_ratio, Ratio());
  if (config.initial_backoff > config.max_backoff) {
    fields.Fail("initial_backoff",
                absl::StrCat("must be at most retry.max_backoff, which is ",
                             absl::FormatDuration(config.max_backoff)));
  }
}

void ReadBreaker(Fields& fields, CircuitBreakerOptions& config) {
  int64_t failures = config.failures;
  fields.Read("failures", failures, Count());
  config.failures = static_cast<int>(failures);
  fields.Read("open_for", config.open_for, DurationWithin(kShortest, kDay));
}

void ReadAuth(Fields& fields, AuthConfig& config) {
  ReadTokens(fields, config);
  fields.Read("allow_insecure", config.allow_insecure, Boolean(),
              "HOLYSHEEP_ALLOW_INSECURE");
}

void ReadLedger(Fields& fields, LedgerConfig& config) {
  fields.Read("path", config.path, Text());
  fields.Read("retain_days", config.retain_days, WholeNumber(0, 36500));
}

// Keys of the contract that this version does not implement. Ignoring them
// silently would promise what does not happen.
void ReadUnavailable(Fields& root) {
  const auto nothing = [](const Scalar& scalar) -> absl::StatusOr<std::string> {
    if (scalar.text.empty()) return std::string();
    return MakeError(Reason::kInvalidArgument,
                     "not available in this version; leave it empty");
  };
  root.Section("redis", [&](Fields& fields) {
    std::string text;
    absl::Duration timeout;
    fields.Read("url", text, nothing);
    fields.Read("prefix", text, Text());
    fields.Read("timeout", timeout, DurationWithin(kShortest, kDay));
  });
}

void ReadLog(Fields& fields, LogConfig& config) {
  fields.Read("level", config.level,
              OneOf<LogLevel>({{"trace", LogLevel::kTrace},
                               {"debug", LogLevel::kDebug},
                               {"info", LogLevel::kInfo},
                               {"warn", LogLevel::kWarn},
                               {"error", LogLevel::kError},
                               {"off", LogLevel::kOff}}));
  fields.Read("format", config.format,
              OneOf<LogFormat>(
                  {{"json", LogFormat::kJson}, {"text", LogFormat::kText}}));
  fields.Read("prompts", config.prompts, Boolean());
}

// Every client that can reach the service spends money of its key. Listening on
// addresses that other machines can reach therefore requires encryption and
// authentication.
void CheckExposure(Fields& root, Config& config) {
  const std::string missing = MissingProtection(config, config.auth);
  if (missing.empty()) return;
  if (config.auth.allow_insecure) {
    config.warnings.push_back(ExposureWarning(missing));
    return;
  }
  root.Fail("listen",
            absl::StrCat("other machines could reach the service: that needs ",
                         missing,
                         "; on a private network auth.allow_insecure: true or "
                         "HOLYSHEEP_ALLOW_INSECURE=1 lifts this"));
}

}  // namespace

void ReadConfig(Fields& root, Config& config) {
  root.Read("listen", config.listen, ReadListen, "HOLYSHEEP_LISTEN");
  root.Section("http", [&](Fields& fields) {
    fields.Read("listen", config.http_listen, ReadHttpListen);
  });
  root.Section("upstream", [&](Fields& f) { ReadUpstream(f, config); });
  root.Section("timeouts",
               [&](Fields& f) { ReadTimeouts(f, config.timeouts); });
  root.Section("cache", [&](Fields& f) { ReadCache(f, config.cache); });
  root.Section("limits", [&](Fields& f) { ReadLimits(f, config.limits); });
  root.Section("retry", [&](Fields& f) { ReadRetry(f, config.retry); });
  root.Section("breaker", [&](Fields& f) { ReadBreaker(f, config.breaker); });
  ReadModels(root, config);
  ReadRouting(root, config);
  root.Section("auth", [&](Fields& f) { ReadAuth(f, config.auth); });
  root.Read("reflection", config.reflection, Boolean());
  root.Section("tls", [&](Fields& f) { ReadTls(f, config); });
  ReadUnavailable(root);
  root.Section("ledger", [&](Fields& f) { ReadLedger(f, config.ledger); });
  ReadBudgets(root, config.budgets);
  root.Section("log", [&](Fields& f) { ReadLog(f, config.log); });
  root.Read("drain_timeout", config.drain_timeout,
            DurationWithin(absl::ZeroDuration(), kDay));
  CheckExposure(root, config);
}

}  // namespace holysheep::config
