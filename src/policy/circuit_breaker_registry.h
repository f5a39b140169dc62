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
class CircuitBreakerRegistry {
 public:
  static constexpr size_t kMaxModels = 1000;

  // `options` must outlive the breakers, and may change between its calls.
  explicit CircuitBreakerRegistry(const CircuitBreakerOptions& options)
      : options_(options) {}

  struct Entry {
    std::string model;
    CircuitBreaker::State state = CircuitBreaker::State::kClosed;
    int failures = 0;
    absl::Duration retry_after;
    // Calls are kept away: it is open, or its probe is under way.
    bool shut = false;
  };

  // Hears of every circuit that opens or closes. Half open is a matter of time
  // and no news.
  using Listener = std::function<void(const Entry&)>;
  void SetListener(Listener listener) { listener_ = std::move(listener); }

  // Hears of every model that has begun to keep calls away.
  void SetGate(std::function<void(const std::string& model)> gate) {
    gate_ = std::move(gate);
  }

  const CircuitBreakerOptions& options() const { return options_; }

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
  void TellGate(const std::string& model) const {
    if (gate_ != nullptr) gate_(model);
  }

  const CircuitBreakerOptions& options_;
  Listener listener_;
  std::function<void(const std::string& model)> gate_;
  absl::flat_hash_map<std::string, CircuitBreaker> breakers_;
};

}  // namespace holysheep
