#include "config/schema.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "config/address.h"
#include "config/exposure.h"

namespace holysheep::config {
namespace {

// Upper bounds catch a wrong unit, such as seconds where milliseconds are
// meant, and keep sums from overflowing.
constexpr absl::Duration kYear = absl::Hours(365 * 24);
constexpr int64_t kMaxBytes = int64_t{1} << 40;
constexpr size_t kLeastMemory = size_t{1} << 20;
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

// A size of 0 removes the limit.
ScalarParser<size_t> SizeUpTo(int64_t most) {
  return ZeroIs(std::numeric_limits<size_t>::max(),
                WholeNumberAs<size_t>(0, most));
}

// With less than the least, hardly a call would find room.
ScalarParser<size_t> MemorySize() {
  return [parse = SizeUpTo(kMaxBytes)](
             const Scalar& scalar) -> absl::StatusOr<size_t> {
    absl::StatusOr<size_t> size = parse(scalar);
    if (!size.ok() || *size >= kLeastMemory) return size;
    return MakeError(
        Reason::kInvalidArgument,
        absl::StrCat("must be at least ", kLeastMemory, ", or 0 for no limit"));
  };
}

// Silence that lasts a quarter of what is allowed is the upstream's own doing.
void ReadTimeouts(Fields& fields, Config& config) {
  const auto time = DurationWithin(kShortest, kDay);
  OpenAiOptions& upstream = config.upstream;
  fields.Read("connect", upstream.connect_timeout, time);
  fields.Read("first_token", upstream.first_token_timeout, time);
  fields.Read("idle", upstream.idle_timeout, time);
  fields.Read("total", config.total_timeout, time);
  config.breaker.fair_silence = upstream.first_token_timeout / 4;
}

void ReadCache(Fields& fields, CacheOptions& options) {
  const auto age = DurationWithin(absl::ZeroDuration(), kYear);
  fields.Read("enabled", options.enabled, Boolean());
  fields.Read("max_entries", options.max_entries, SizeUpTo(kMaxCount));
  fields.Read("max_bytes", options.max_bytes, SizeUpTo(kMaxBytes));
  fields.Read("ttl", options.ttl, age);
  fields.Read("stale_if_error", options.stale_if_error, age);
}

void ReadLimits(Fields& fields, Config& config) {
  ReadRates(fields, config.limits.service);
  fields.Read("max_concurrent", config.limits.service.max_concurrent, Count());
  fields.Read("max_queue", config.admission.max_queue, Count());
  fields.Read("max_queue_wait", config.admission.max_queue_wait,
              ZeroIs(absl::InfiniteDuration(),
                     DurationWithin(absl::ZeroDuration(), kDay)));
  fields.Read("batch_in_flight", config.batch_in_flight,
              WholeNumber(1, kMaxBatchInFlight));
  size_t memory = 0;
  if (fields.Read("max_memory", memory, MemorySize())) {
    config.max_memory = memory;
  }
  fields.Read("max_connections", config.max_connections, SizeUpTo(kMaxCount));
}

void ReadRetry(Fields& fields, RetryOptions& options) {
  const auto wait = DurationWithin(absl::ZeroDuration(), kDay);
  fields.Read("max_attempts", options.max_attempts, WholeNumberAs<int>(1, 100));
  fields.Read("initial_backoff", options.initial_backoff, wait);
  fields.Read("max_backoff", options.max_backoff, wait);
  fields.Read("budget_ratio", options.budget_ratio, Ratio());
  if (options.initial_backoff > options.max_backoff) {
    fields.Fail("initial_backoff",
                absl::StrCat("must be at most retry.max_backoff, which is ",
                             absl::FormatDuration(options.max_backoff)));
  }
}

void ReadBreaker(Fields& fields, CircuitBreakerOptions& options) {
  fields.Read("failures", options.failures, WholeNumberAs<int>(0, kMaxCount));
  fields.Read("open_for", options.open_for, DurationWithin(kShortest, kDay));
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
  fields.Read("level", config.lines.level,
              OneOf<LogLevel>({{"trace", LogLevel::kTrace},
                               {"debug", LogLevel::kDebug},
                               {"info", LogLevel::kInfo},
                               {"warn", LogLevel::kWarn},
                               {"error", LogLevel::kError},
                               {"off", LogLevel::kOff}}));
  fields.Read("format", config.lines.format,
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

// Calls that wait for a connection wait in no order and out of sight of the
// limits.
void CheckConnections(Config& config) {
  const int64_t connections = config.connections.max_connections;
  const int64_t calls = config.limits.service.max_concurrent;
  if (connections == 0 || (calls != 0 && calls <= connections)) return;
  config.warnings.push_back(absl::StrCat(
      "upstream.max_connections: ", connections, " is less than ",
      calls == 0 ? "the unlimited limits.max_concurrent"
                 : absl::StrCat("limits.max_concurrent, ", calls),
      ": calls that have a slot will wait for a connection; raise the former "
      "or lower the latter"));
}

// Names of certificates have had no kind of their own, and a certificate
// without an entry does less or more than its owner may think.
void CheckCertificates(Config& config) {
  const std::vector<TokenOptions>& tokens = config.auth.tokens;
  const bool has_entry = std::any_of(
      tokens.begin(), tokens.end(),
      [](const TokenOptions& token) { return token.IsCertificate(); });
  const bool asked_for = !config.tls.client_ca_file.empty();
  if (has_entry == asked_for) return;
  if (has_entry) {
    config.warnings.push_back(
        "auth.tokens: an entry cert:NAME lets nobody in without "
        "tls.client_ca_file");
    return;
  }
  config.warnings.push_back(absl::StrCat(
      "tls.client_ca_file: no entry of auth.tokens is a cert:NAME, so ",
      tokens.empty() ? "every certificate may invoke, without limits of its own"
                     : "a certificate alone lets nobody in"));
}

}  // namespace

// The models come before the lists that refer to them, and the checks that look
// at several sections last.
void ReadConfig(Fields& root, Config& config) {
  root.Read("listen", config.listen, ReadListen, "HOLYSHEEP_LISTEN");
  root.Section("http", [&](Fields& fields) {
    fields.Read("listen", config.http_listen, ReadHttpListen);
  });
  root.Section("upstream", [&](Fields& f) { ReadUpstream(f, config); });
  root.Section("timeouts", [&](Fields& f) { ReadTimeouts(f, config); });
  root.Section("cache", [&](Fields& f) { ReadCache(f, config.cache); });
  root.Section("limits", [&](Fields& f) { ReadLimits(f, config); });
  root.Section("batch", [&](Fields& fields) {
    fields.Read("patience", config.batch_patience,
                DurationWithin(absl::ZeroDuration(), kDay));
  });
  root.Section("retry", [&](Fields& f) { ReadRetry(f, config.retry); });
  root.Section("breaker", [&](Fields& f) { ReadBreaker(f, config.breaker); });
  ReadModels(root, config);
  ReadRouting(root, config);
  root.Section("auth", [&](Fields& f) { ReadAuth(f, config.auth); });
  root.Read("reflection", config.reflection, Boolean());
  root.Read("unix_socket_mode", config.unix_socket_mode, FileMode());
  root.Section("tls", [&](Fields& f) { ReadTls(f, config); });
  ReadUnavailable(root);
  root.Section("ledger", [&](Fields& f) { ReadLedger(f, config.ledger); });
  ReadApps(root, config.apps);
  ReadBudgets(root, config.limits.budgets);
  root.Section("log", [&](Fields& f) { ReadLog(f, config.log); });
  root.Read("drain_timeout", config.drain_timeout,
            DurationWithin(absl::ZeroDuration(), kDay));
  CheckConnections(config);
  CheckCertificates(config);
  CheckExposure(root, config);
}

}  // namespace holysheep::config
