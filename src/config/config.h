#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/http_version.h"
#include "base/log_options.h"
#include "config/address.h"
#include "config/call_config.h"
#include "policy/budget.h"
#include "policy/catalog.h"
#include "policy/circuit_breaker.h"
#include "policy/model_router.h"
#include "policy/rate_limits.h"

// The configuration of docs/configuration.md as one value, checked by
// LoadConfig. The initializers are the defaults of the keys with the same
// names.
namespace holysheep::config {

// The connection to the upstream and its key.
struct UpstreamConfig {
  // Without a trailing slash.
  std::string base_url = "https://api.holysheep.ai/v1";
  // Secret. From the environment or `api_key_file`; CheckApiKey has accepted
  // it.
  std::string api_key;
  std::string api_key_header = "authorization";  // In lower case.
  HttpVersion http_version = HttpVersion::kAuto;
  // 0 is unlimited.
  int64_t max_connections = 100;
  int64_t keepalive_per_host = 20;
  absl::Duration dns_ttl = absl::Seconds(300);
  // A PEM file of authorities that are trusted instead of the system's; empty
  // for none.
  std::string ca_file;
  std::string proxy;  // May hold a password. Empty for none.
  bool stream_unary = true;
  int64_t max_response_bytes = 4194304;
};

// A caller, identified by a token.
struct TokenConfig {
  std::string name;
  // The SHA-256 of the token: 64 hexadecimal digits in lower case.
  std::string sha256;
  bool may_invoke = true;
  bool may_administer = false;
  // Callers with the same scope share cached answers.
  std::string scope;
  RateLimits limits;
};

// How callers are authenticated.
struct AuthConfig {
  std::vector<TokenConfig> tokens;
  bool allow_insecure = false;
};

// Empty names mean that no file is used. A `cert_file` always comes with a
// `key_file`.
struct TlsConfig {
  std::string cert_file;
  std::string key_file;
  std::string client_ca_file;
};

// The log on standard error.
struct LogConfig {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kJson;
  bool prompts = false;
};

// The record of what was used and paid.
struct LedgerConfig {
  // If empty, the ledger is in memory only.
  std::string path;
  // 0 keeps all days.
  int64_t retain_days = 400;
};

// The whole configuration.
struct Config {
  ListenAddress listen = {"127.0.0.1:50051", "127.0.0.1", 50051};
  // Empty if monitoring is off.
  ListenAddress http_listen = {"127.0.0.1:9464", "127.0.0.1", 9464};
  UpstreamConfig upstream;
  TimeoutsConfig timeouts;
  CacheConfig cache;
  LimitsConfig limits;
  RetryConfig retry;
  CircuitBreakerOptions breaker;
  std::string default_model = "deepseek-v3.2";
  std::vector<ModelInfo> models = Catalog::BuiltInModels();
  std::vector<RoutingRule> routing;
  AuthConfig auth;
  TlsConfig tls;
  // Whether clients may use gRPC reflection.
  bool reflection = true;
  LedgerConfig ledger;
  std::vector<BudgetRule> budgets;
  LogConfig log;
  absl::Duration drain_timeout = absl::Seconds(30);
  // Settings that are allowed but hardly intended, for the log. Never contain
  // secrets.
  std::vector<std::string> warnings;
};

}  // namespace holysheep::config
