#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "policy/limiter_options.h"

// The sections of the configuration that govern how calls are carried out. The
// initializers are the defaults; docs/configuration.md describes the keys.
namespace holysheep::config {

// Time limits of a call. Each may be lowered by a request.
struct TimeoutsConfig {
  // For name resolution, TCP and TLS of an upstream connection.
  absl::Duration connect = absl::Seconds(10);
  // From the start of an attempt to the first piece of its answer.
  absl::Duration first_token = absl::Seconds(60);
  // Between two pieces of an answer.
  absl::Duration idle = absl::Seconds(60);
  // From the arrival of a call to its end, attempts and waits included.
  absl::Duration total = absl::Seconds(300);
};

// The answer cache.
struct CacheConfig {
  bool enabled = true;
  // 0 is unlimited, for both bounds.
  int64_t max_entries = 1000;
  int64_t max_bytes = 67108864;
  // The time for which an answer is fresh; a request may set its own.
  absl::Duration ttl = absl::Seconds(300);
  // The further time for which it may replace an error of the upstream.
  absl::Duration stale_if_error;
};

// The service's own limits; 0 is unlimited.
struct LimitsConfig {
  RateLimits service = LimiterOptions().service;
  int64_t max_queue = 1000;
  absl::Duration max_queue_wait = absl::Seconds(60);
  // Items of one batch that are open at once.
  int64_t batch_in_flight = 64;
  // Connections of clients, at once.
  int64_t max_connections = 4096;
};

// Further attempts after a failed one.
struct RetryConfig {
  int max_attempts = 3;  // The first one counts.
  // The wait before the first retry; it doubles up to the second value.
  absl::Duration initial_backoff = absl::Seconds(2);
  absl::Duration max_backoff = absl::Seconds(10);
  // Retries as a share of all attempts, from 0 to 1.
  double budget_ratio = 0.2;
};

}  // namespace holysheep::config
