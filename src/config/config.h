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

// What docs/configuration.md describes, as one value. The initializers are the
// defaults of the keys of the same names.
namespace holysheep::config {

struct UpstreamConfig {
  // Without a slash at its end.
  std::string base_url = "https://api.holysheep.ai/v1";
  // Secret. From the environment or `api_key_file`; CheckApiKey holds.
  std::string api_key;
  std::string api_key_header = "authorization";  // In lower case.
  HttpVersion http_version = HttpVersion::kAuto;
  // 0 is no limit.
  int64_t max_connections = 100;
  int64_t keepalive_per_host = 20;
  absl::Duration dns_ttl = absl::Seconds(300);
  // PEM file of the authorities trusted instead of the system's. Empty is none.
  std::string ca_file;
  std::string proxy;  // May hold a password. Empty is none.
  bool stream_unary = true;
  int64_t max_response_bytes = 4194304;
};

// A caller, known by a token.
struct TokenConfig {
  std::string name;
  // Of the token, 64 hexadecimal digits in lower case.
  std::string sha256;
  bool may_invoke = true;
  bool may_administer = false;
  // Callers of the same scope share cached answers.
  std::string scope;
  int64_t requests_per_minute = 0;
  int64_t tokens_per_minute = 0;
};

struct AuthConfig {
  std::vector<TokenConfig> tokens;
  bool allow_insecure = false;
};

// Empty is none. With a `cert_file` there is a `key_file`.
struct TlsConfig {
  std::string cert_file;
  std::string key_file;
  std::string client_ca_file;
};

struct LogConfig {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kJson;
  bool prompts = false;
};

struct LedgerConfig {
  // Empty keeps the ledger in memory.
  std::string path;
  // 0 keeps every day.
  int64_t retain_days = 400;
};

struct Config {
  ListenAddress listen = {"127.0.0.1:50051", "127.0.0.1", 50051};
  // Empty is off.
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
  // Whether clients may ask for the API without a .proto file.
  bool reflection = true;
  LedgerConfig ledger;
  std::vector<BudgetRule> budgets;
  LogConfig log;
  absl::Duration drain_timeout = absl::Seconds(30);
  // What is allowed but hardly meant, for the log; without secrets.
  std::vector<std::string> warnings;
};

}  // namespace holysheep::config
