#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policy/circuit_breaker.h"

namespace holysheep {

// One circuit breaker per model. Remembers only models that have failed. Those
// of the configuration always have a place; of the names that callers make up
// it remembers at most kMaxModels: the closed circuit with the fewest failures
// is dropped for a new one; an open one never is. The caller supplies the time.
// On the loop only.
class CircuitBreakerRegistry {
 public:
  // Models that are not configured.
  static constexpr size_t kMaxModels = 1000;

  // `options` must outlive the registry, and may change between its calls.
  explicit CircuitBreakerRegistry(const CircuitBreakerOptions& options)
      : options_(options) {}

  // A snapshot of one circuit.
  struct Entry {
    std::string model;
    CircuitBreaker::State state = CircuitBreaker::State::kClosed;
    int failures = 0;
    // As CircuitBreaker::RetryAfter.
    absl::Duration retry_after;
    // Calls are kept away: the circuit is open, or its probe is running.
    bool shut = false;
  };

  // Called for every circuit that opens or closes. Half open is a matter of
  // time and is not reported. Must not call the registry.
  using Listener = std::function<void(const Entry&)>;
  void SetListener(Listener listener) { listener_ = std::move(listener); }

  // Called for every model that starts to keep calls away.
  void SetOnShut(std::function<void(const std::string& model)> on_shut) {
    on_shut_ = std::move(on_shut);
  }

  const CircuitBreakerOptions& options() const { return options_; }

  // As CircuitBreaker::Allow and Record, for one model; whether it is
  // `configured` decides about its place.
  CircuitBreaker::Pass Allow(absl::string_view model, absl::Time now);
  void Record(absl::string_view model, CircuitBreaker::Pass pass,
              CircuitBreaker::Outcome outcome, absl::Time now,
              int64_t event = 0, bool configured = false);

  // The circuit of one model; closed without failures if it is unknown. Creates
  // nothing.
  Entry Look(absl::string_view model, absl::Time now) const;
  // All models with failures or an open circuit, sorted by name.
  std::vector<Entry> Snapshot(absl::Time now) const;

 private:
  struct Circuit {
    CircuitBreaker breaker;
    bool configured = false;
  };
  // Whether there is a circuit for `model`, which has failed, or room for one;
  // then there is one.
  bool HasPlace(absl::string_view model, absl::Time now, bool configured);
  // Drops one closed circuit of a model that is not configured. Returns false
  // if all are open.
  bool MakeRoom(absl::Time now);
  void TellShut(const std::string& model) const {
    if (on_shut_ != nullptr) on_shut_(model);
  }

  const CircuitBreakerOptions& options_;
  Listener listener_;
  std::function<void(const std::string& model)> on_shut_;
  absl::flat_hash_map<std::string, Circuit> breakers_;
  // How many of them are not configured.
  size_t made_up_ = 0;
};

}  // namespace holysheep
