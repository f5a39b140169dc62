#include "node/options.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "base/memory_limit.h"
#include "base/sha256.h"
#include "rpc/tls_credentials.h"

namespace holysheep {
// One place translates names and units of the configuration: a key that is read
// nowhere else has its meaning here.

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

RequestLimits RequestLimitsFrom(const config::Config& config) {
  RequestLimits limits;
  limits.max_attempts = config.retry.max_attempts;
  limits.total = config.total_timeout;
  limits.first_token = config.upstream.first_token_timeout;
  limits.idle = config.upstream.idle_timeout;
  limits.queue = config.admission.max_queue_wait;
  limits.batch_in_flight = config.batch_in_flight;
  limits.batch_patience = config.batch_patience;
  limits.routing = config.routing;
  limits.new_request_id = NewRequestId;
  return limits;
}

// What answers depend on besides the request: the upstream, and what is said to
// it with every request. Without secrets.
std::string IdentityOf(const OpenAiOptions& upstream) {
  std::string identity = upstream.base_url;
  if (!upstream.query.empty()) absl::StrAppend(&identity, "?", upstream.query);
  std::string headers;
  for (const auto& [name, value] : upstream.headers) {
    absl::StrAppend(&headers, name, ":", value, "\n");
  }
  if (!headers.empty()) absl::StrAppend(&identity, "#", Sha256(headers));
  return identity;
}

}  // namespace

ChainOptions ChainOptionsFrom(const config::Config& config) {
  return {config.cache,  config.retry,     config.breaker,
          config.limits, config.admission, config.upstream};
}

MemoryOptions MemoryOptionsFrom(const config::Config& config) {
  constexpr size_t kMost = std::numeric_limits<int64_t>::max();
  MemoryOptions options;
  options.max_bytes =
      config.max_memory.has_value()
          ? static_cast<int64_t>(std::min(*config.max_memory, kMost))
          : DefaultMaxMemory(
                CgroupMemoryLimit(ReadSystemFile),
                static_cast<int64_t>(std::min(config.cache.max_bytes, kMost)));
  options.shared =
      config.auth.tokens.size() > 1 || !config.tls.client_ca_file.empty();
  return options;
}

GrpcServerOptions GrpcServerOptionsFrom(const config::Config& config) {
  GrpcServerOptions options;
  options.address = config.listen.text;
  options.unix_mode = config.unix_socket_mode;
  options.credentials = MakeServerCredentials(config.tls);
  options.max_connections = config.max_connections;
  options.reflection = config.reflection;
  return options;
}

absl::StatusOr<std::shared_ptr<const IntakeSettings>> IntakeSettingsFrom(
    const config::Config& config, bool certificates) {
  auto authenticator = NewTokenAuthenticator(config.auth.tokens, certificates);
  if (!authenticator.ok()) return authenticator.status();
  auto settings = std::make_shared<IntakeSettings>();
  settings->catalog =
      std::make_shared<const Catalog>(config.models, config.default_model);
  settings->authenticator = *std::move(authenticator);
  settings->apps = Apps(config.apps);
  settings->limits = RequestLimitsFrom(config);
  settings->base_url = IdentityOf(config.upstream);
  settings->upstream_key_sha256 = Sha256(config.upstream.api_key);
  settings->cache_enabled = config.cache.enabled;
  return settings;
}

// Everything that was given to an object which cannot change while it runs.
std::vector<std::string> NeedsRestart(const config::Config& running,
                                      const config::Config& wanted) {
  std::vector<std::string> names;
  const auto compare = [&names](const char* name, const auto& is,
                                const auto& shall_be) {
    if (!(is == shall_be)) names.push_back(name);
  };
  const CurlOptions& is = running.connections;
  const CurlOptions& shall_be = wanted.connections;
  compare("listen", running.listen, wanted.listen);
  compare("http.listen", running.http_listen, wanted.http_listen);
  compare("tls.cert_file", running.tls.cert_file, wanted.tls.cert_file);
  compare("tls.key_file", running.tls.key_file, wanted.tls.key_file);
  compare("tls.client_ca_file", running.tls.client_ca_file,
          wanted.tls.client_ca_file);
  compare("unix_socket_mode", running.unix_socket_mode,
          wanted.unix_socket_mode);
  compare("reflection", running.reflection, wanted.reflection);
  compare("ledger.path", running.ledger.path, wanted.ledger.path);
  compare("ledger.retain_days", running.ledger.retain_days,
          wanted.ledger.retain_days);
  compare("limits.max_connections", running.max_connections,
          wanted.max_connections);
  compare("upstream.transport", running.transport, wanted.transport);
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
