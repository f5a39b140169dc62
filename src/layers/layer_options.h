#pragma once

#include <cstdint>

#include "absl/time/time.h"

// The options of the layers, for those who only configure them.
namespace holysheep {

// Settings of retries. From the section `retry`.
struct RetryOptions {
  // The most attempts for one model, including the first; a request may ask for
  // fewer.
  int max_attempts = 3;
  absl::Duration initial_backoff = absl::Seconds(2);
  absl::Duration max_backoff = absl::Seconds(10);
  // The largest share of the traffic that may be retries; see RetryBudget.
  double budget_ratio = 0.2;

  bool operator==(const RetryOptions&) const = default;
};

// Settings of the line in front of the limits. From the section `limits`.
struct AdmissionOptions {
  // Calls that may wait at once; 0 removes the limit but for the hard one of
  // 1,000,000.
  int64_t max_queue = 1000;
  // Longest wait; 0 refuses at once, infinite removes the limit. A request may
  // ask for less.
  absl::Duration max_queue_wait = absl::Seconds(60);

  bool operator==(const AdmissionOptions&) const = default;
};

}  // namespace holysheep
