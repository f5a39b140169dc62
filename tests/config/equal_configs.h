#pragma once

#include <tuple>

#include "config/config.h"
#include "gtest/gtest.h"

namespace holysheep::config {

inline auto Parts(const UpstreamConfig& c) {
  return std::tie(c.base_url, c.api_key, c.api_key_header, c.http_version,
                  c.max_connections, c.keepalive_per_host, c.dns_ttl, c.proxy,
                  c.ca_file, c.stream_unary, c.max_response_bytes);
}
inline auto Parts(const TimeoutsConfig& c) {
  return std::tie(c.connect, c.first_token, c.idle, c.total);
}
inline auto Parts(const CacheConfig& c) {
  return std::tie(c.enabled, c.max_entries, c.max_bytes, c.ttl,
                  c.stale_if_error);
}
inline auto Parts(const LimitsConfig& c) {
  return std::tie(c.service.requests_per_minute, c.service.tokens_per_minute,
                  c.service.max_concurrent, c.max_queue, c.max_queue_wait,
                  c.batch_in_flight, c.max_connections);
}
inline auto Parts(const RetryConfig& c) {
  return std::tie(c.max_attempts, c.initial_backoff, c.max_backoff,
                  c.budget_ratio);
}
inline auto Parts(const LogConfig& c) {
  return std::tie(c.level, c.format, c.prompts);
}
inline auto Parts(const TlsConfig& c) {
  return std::tie(c.cert_file, c.key_file, c.client_ca_file);
}

inline void ExpectEqual(const Config& a, const Config& b) {
  EXPECT_EQ(a.listen, b.listen);
  EXPECT_EQ(a.http_listen, b.http_listen);
  EXPECT_TRUE(Parts(a.upstream) == Parts(b.upstream));
  EXPECT_TRUE(Parts(a.timeouts) == Parts(b.timeouts));
  EXPECT_TRUE(Parts(a.cache) == Parts(b.cache));
  EXPECT_TRUE(Parts(a.limits) == Parts(b.limits));
  EXPECT_TRUE(Parts(a.retry) == Parts(b.retry));
  EXPECT_EQ(a.breaker.failures, b.breaker.failures);
  EXPECT_EQ(a.breaker.open_for, b.breaker.open_for);
  EXPECT_EQ(a.default_model, b.default_model);
  EXPECT_EQ(a.models.size(), b.models.size());
  EXPECT_EQ(a.routing.size(), b.routing.size());
  EXPECT_EQ(a.auth.tokens.size(), b.auth.tokens.size());
  EXPECT_EQ(a.auth.allow_insecure, b.auth.allow_insecure);
  EXPECT_TRUE(Parts(a.tls) == Parts(b.tls));
  EXPECT_EQ(a.budgets.size(), b.budgets.size());
  EXPECT_TRUE(Parts(a.log) == Parts(b.log));
  EXPECT_EQ(a.reflection, b.reflection);
  EXPECT_EQ(a.drain_timeout, b.drain_timeout);
  EXPECT_EQ(a.warnings, b.warnings);
}

}  // namespace holysheep::config
