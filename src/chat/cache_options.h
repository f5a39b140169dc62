#pragma once

#include <cstddef>

#include "absl/time/time.h"

namespace holysheep {

struct CacheOptions {
  bool enabled = true;
  // Bounds of the whole cache; the bytes include keys and bookkeeping. 0 keeps
  // nothing; the largest value means no bound.
  size_t max_entries = 1000;
  size_t max_bytes = 64 << 20;
  // How long an answer is fresh. A request may set its own.
  absl::Duration ttl = absl::Seconds(300);
  // How long beyond that it may still answer when the upstream is down.
  absl::Duration stale_if_error;

  bool operator==(const CacheOptions&) const = default;
};

}  // namespace holysheep
