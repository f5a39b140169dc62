#include "node/options.h"

#include <limits>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "base/sha256.h"
#include "rpc/tls_credentials.h"

namespace holysheep {
namespace {

// Returns 128 random bits. Each thread has its own generator, which needs no
// lock.
std::string NewRequestId() {
  thread_local absl::BitGen random;
  const auto half = [] {
    return absl::Hex(absl::Uniform<uint64_t>(random), absl::kZeroPad16);
  };
  return absl::StrCat(half(), half());
}

std::vector<TokenOptions> TokensFrom(const config::AuthConfig& auth) {
  std::vector<TokenOptions> tokens;
  for (const config::TokenConfig& token : auth.tokens) {
    TokenOptions& options = tokens.emplace_back();
    options.name = token.name;
    options.sha256_hex = token.sha256;
    if (token.may_invoke) options.roles.push_back(Role::kInvoke);
    if (token.may_administer) options.roles.push_back(Role::kAdmin);
    options.scope = token.scope;
    options.limits = token.limits;
  }
  return tokens;
}

// In the configuration a limit of 0 means unlimited.
size_t Bound(int64_t limit) {
  return limit == 0 ? std::numeric_limits<size_t>::max()
                    : static_cast<size_t>(limit);
}

absl::Duration Bound(absl::Duration limit) {
  return limit == absl::ZeroDuration() ? absl::InfiniteDuration() : limit;
}

RequestLimits RequestLimitsFrom(const config::Config& config) {
  RequestLimits limits;
  limits.max_attempts = config.retry.max_attempts;
  limits.total = config.timeouts.total;
  limits.first_token = config.timeouts.first_token;
  limits.idle = config.timeouts.idle;
  limits.queue = Bound(config.limits.max_queue_wait);
  limits.batch_in_flight = config.limits.batch_in_flight;
  limits.routing = config.routing;
  limits.new_request_id = NewRequestId;
  return limits;
}

OpenAiOptions OpenAiOptionsFrom(const config::Config& config) {
  OpenAiOptions options;
  options.base_url = config.upstream.base_url;
  options.api_key = config.upstream.api_key;
  options.api_key_header = config.upstream.api_key_header;
  options.stream_unary = config.upstream.stream_unary;
  options.max_answer_bytes =
      static_cast<size_t>(config.upstream.max_response_bytes);
  options.connect_timeout = config.timeouts.connect;
  options.first_token_timeout = config.timeouts.first_token;
  options.idle_timeout = config.timeouts.idle;
  return options;
}

}  // namespace

ChainOptions ChainOptionsFrom(const config::Config& config) {
  ChainOptions options;
  options.cache.enabled = config.cache.enabled;
  options.cache.max_entries = Bound(config.cache.max_entries);
  options.cache.max_bytes = Bound(config.cache.max_bytes);
  options.cache.ttl = config.cache.ttl;
  options.cache.stale_if_error = config.cache.stale_if_error;
  options.retry.max_attempts = config.retry.max_attempts;
  options.retry.initial_backoff = config.retry.initial_backoff;
  options.retry.max_backoff = config.retry.max_backoff;
  options.retry.budget_ratio = config.retry.budget_ratio;
  options.breaker = config.breaker;
  options.breaker.fair_silence = config.timeouts.first_token / 4;
  options.limits.service = config.limits.service;
  options.limits.budgets = config.budgets;
  options.admission.max_queue = config.limits.max_queue;
  options.admission.max_queue_wait = Bound(config.limits.max_queue_wait);
  options.upstream = OpenAiOptionsFrom(config);
  return options;
}

CurlOptions CurlOptionsFrom(const config::Config& config) {
  CurlOptions options;
  options.http_version = config.upstream.http_version;
  options.max_connections = static_cast<int>(config.upstream.max_connections);
  options.keepalive_per_host =
      static_cast<int>(config.upstream.keepalive_per_host);
  options.dns_ttl = config.upstream.dns_ttl;
  options.proxy = config.upstream.proxy;
  options.ca_file = config.upstream.ca_file;
  return options;
}

GrpcServerOptions GrpcServerOptionsFrom(const config::Config& config) {
  GrpcServerOptions options;
  options.address = config.listen.text;
  options.credentials = MakeServerCredentials(
      {config.tls.cert_file, config.tls.key_file, config.tls.client_ca_file});
  options.max_connections = Bound(config.limits.max_connections);
  options.reflection = config.reflection;
  return options;
}

absl::StatusOr<std::shared_ptr<const IntakeSettings>> IntakeSettingsFrom(
    const config::Config& config, bool certificates) {
  auto authenticator =
      NewTokenAuthenticator(TokensFrom(config.auth), certificates);
  if (!authenticator.ok()) return authenticator.status();
  auto settings = std::make_shared<IntakeSettings>();
  settings->catalog =
      std::make_shared<const Catalog>(config.models, config.default_model);
  settings->authenticator = *std::move(authenticator);
  settings->limits = RequestLimitsFrom(config);
  settings->base_url = config.upstream.base_url;
  settings->upstream_key_sha256 = Sha256(config.upstream.api_key);
  settings->cache_enabled = config.cache.enabled;
  return settings;
}

std::vector<std::string> NeedsRestart(const config::Config& running,
                                      const config::Config& wanted) {
  std::vector<std::string> names;
  const auto compare = [&names](const char* name, const auto& is,
                                const auto& shall_be) {
    if (!(is == shall_be)) names.push_back(name);
  };
  const config::UpstreamConfig& is = running.upstream;
  const config::UpstreamConfig& shall_be = wanted.upstream;
  compare("listen", running.listen, wanted.listen);
  compare("http.listen", running.http_listen, wanted.http_listen);
  compare("tls.cert_file", running.tls.cert_file, wanted.tls.cert_file);
  compare("tls.key_file", running.tls.key_file, wanted.tls.key_file);
  compare("tls.client_ca_file", running.tls.client_ca_file,
          wanted.tls.client_ca_file);
  compare("reflection", running.reflection, wanted.reflection);
  compare("ledger.path", running.ledger.path, wanted.ledger.path);
  compare("ledger.retain_days", running.ledger.retain_days,
          wanted.ledger.retain_days);
  compare("limits.max_connections", running.limits.max_connections,
          wanted.limits.max_connections);
  compare("upstream.http_version", is.http_version, shall_be.http_version);
  compare("upstream.max_connections", is.max_connections,
          shall_be.max_connections);
  compare("upstream.keepalive_per_host", is.keepalive_per_host,
          shall_be.keepalive_per_host);
  compare("upstream.dns_ttl", is.dns_ttl, shall_be.dns_ttl);
  compare("upstream.proxy", is.proxy, shall_be.proxy);
  compare("upstream.ca_file", is.ca_file, shall_be.ca_file);
  return names;
}

}  // namespace holysheep
