#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policy/circuit_breaker.h"

namespace holysheep {

// One circuit breaker a model. Remembers only models that have failed, and at
// most kMaxModels of them, since callers may name any model: the one with the
// fewest failures makes room for a new one, but no open circuit does. Told the
// time by its caller; loop thread only.
class BreakerBoard {
 public:
  static constexpr size_t kMaxModels = 1000;

  // `options` must outlive the board, and may change between its calls.
  explicit BreakerBoard(const CircuitBreakerOptions& options)
      : options_(options) {}

  struct Entry {
    std::string model;
    CircuitBreaker::State state = CircuitBreaker::State::kClosed;
    int failures = 0;
    absl::Duration retry_after;
  };

  // Hears of every circuit that opens or closes. Half open is a matter of time
  // and no news.
  using Listener = std::function<void(const Entry&)>;
  void SetListener(Listener listener) { listener_ = std::move(listener); }

  // See CircuitBreaker.
  CircuitBreaker::Pass Allow(absl::string_view model, absl::Time now);
  void Record(absl::string_view model, CircuitBreaker::Pass pass,
              CircuitBreaker::Outcome outcome, absl::Time now);

  // Of one model; closed with no failures if all is well.
  Entry Look(absl::string_view model, absl::Time now) const;
  // Of every model in trouble now, by name.
  std::vector<Entry> Snapshot(absl::Time now) const;

 private:
  bool MakeRoom(absl::Time now);

  const CircuitBreakerOptions& options_;
  Listener listener_;
  absl::flat_hash_map<std::string, CircuitBreaker> breakers_;
};

}  // namespace holysheep
