#pragma once

#include <cstdint>

#include "absl/time/time.h"

// The sections of the configuration that govern how calls are carried out. The
// initializers are the defaults; docs/configuration.md describes the keys.
namespace holysheep::config {

// Time limits of a call. Each may be lowered by a request.
struct TimeoutsConfig {
  absl::Duration connect = absl::Seconds(10);
  absl::Duration first_token = absl::Seconds(60);
  absl::Duration idle = absl::Seconds(60);
  absl::Duration total = absl::Seconds(300);
};

// The answer cache.
struct CacheConfig {
  bool enabled = true;
  int64_t max_entries = 1000;
  int64_t max_bytes = 67108864;
  absl::Duration ttl = absl::Seconds(300);
  absl::Duration stale_if_error;
};

// The service's own limits; 0 is unlimited.
struct LimitsConfig {
  int64_t requests_per_minute = 60;
  int64_t tokens_per_minute = 0;
  int64_t max_concurrent = 20;
  int64_t max_queue = 1000;
  absl::Duration max_queue_wait = absl::Seconds(60);
  int64_t batch_in_flight = 64;
  // Connections of clients, at once.
  int64_t max_connections = 4096;
};

// Further attempts after a failed one.
struct RetryConfig {
  int max_attempts = 3;  // The first one counts.
  absl::Duration initial_backoff = absl::Seconds(2);
  absl::Duration max_backoff = absl::Seconds(10);
  // Retries as a share of all attempts, from 0 to 1.
  double budget_ratio = 0.2;
};

}  // namespace holysheep::config
