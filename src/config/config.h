#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "chat/app_options.h"
#include "chat/cache_options.h"
#include "config/address.h"
#include "http/curl_options.h"
#include "intake/token_options.h"
#include "layers/layer_options.h"
#include "policy/catalog.h"
#include "policy/circuit_breaker.h"
#include "policy/limiter_options.h"
#include "policy/model_router.h"
#include "rpc/tls_files.h"
#include "telemetry/logger.h"
#include "upstream/openai_options.h"

// What docs/configuration.md describes, as one value. A section is the options
// of the part of the service that it is for, whose initializers are the
// defaults. Where 0 in the file means no limit, it is read as the option's own
// word for that.
namespace holysheep::config {

struct AuthConfig {
  std::vector<TokenOptions> tokens;
  // Whether other machines may reach the service without TLS or authentication.
  bool allow_insecure = false;

  bool operator==(const AuthConfig&) const = default;
};

// The log on standard error.
struct LogConfig {
  LoggerOptions lines = {};
  // Whether the log shows prompts and errors in full.
  bool prompts = false;

  bool operator==(const LogConfig&) const = default;
};

// The record of what was used and paid.
struct LedgerConfig {
  // If empty, the ledger is in memory only.
  std::string path;
  // 0 keeps all days.
  int64_t retain_days = 400;

  bool operator==(const LedgerConfig&) const = default;
};

// What speaks HTTP to the upstream: the service itself, or libcurl, which also
// speaks to proxies. kAuto is the former where there is no proxy.
enum class TransportKind { kAuto, kNative, kCurl };

// The whole configuration.
struct Config {
  ListenAddress listen = {"127.0.0.1:50051", "127.0.0.1", 50051};
  // Empty if monitoring is off.
  ListenAddress http_listen = {"127.0.0.1:9464", "127.0.0.1", 9464};
  // The sections `upstream` and `timeouts`.
  OpenAiOptions upstream;
  CurlOptions connections;
  TransportKind transport = TransportKind::kAuto;
  // From the arrival of a call to its end, attempts and waits included.
  absl::Duration total_timeout = absl::Seconds(300);
  CacheOptions cache;
  // The sections `limits` and `budgets`.
  LimiterOptions limits;
  AdmissionOptions admission;
  // Items of one batch that are open at once.
  int64_t batch_in_flight = 64;
  // How long the items of a batch wait out an outage. The section `batch`.
  absl::Duration batch_patience = absl::Minutes(10);
  // The bytes that clients make the service hold; unset for DefaultMaxMemory
  // (base/memory_limit.h).
  std::optional<size_t> max_memory;
  // Clients' connections at once.
  size_t max_connections = 4096;
  RetryOptions retry;
  CircuitBreakerOptions breaker;
  // An id of `models`.
  std::string default_model = "deepseek-v3.2";
  std::vector<ModelInfo> models = Catalog::BuiltInModels();
  std::vector<RoutingRule> routing;
  AuthConfig auth;
  // One may be Apps::kOther, for all that have no entry.
  std::vector<AppOptions> apps;
  // With a `cert_file` there is a `key_file`.
  TlsFiles tls;
  // The permissions of the file, if `listen` is a Unix socket.
  mode_t unix_socket_mode = 0600;
  // Whether clients may ask for the API without a .proto file.
  bool reflection = true;
  LedgerConfig ledger;
  LogConfig log;
  // How long a shutdown lets calls run.
  absl::Duration drain_timeout = absl::Seconds(30);
  // Settings that are allowed but hardly intended, for the log. Never contain
  // secrets.
  std::vector<std::string> warnings;
};

}  // namespace holysheep::config
