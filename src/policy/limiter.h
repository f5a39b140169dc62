#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/container/node_hash_map.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "policy/budgets.h"
#include "policy/limit_subject.h"
#include "policy/limiter_options.h"
#include "policy/money.h"
#include "policy/quota_request.h"
#include "policy/rate_window.h"

namespace holysheep {

// All limits on upstream attempts, taken together or not at all: concurrency,
// requests and tokens in any 60 s for the service and at every gate of the
// attempt, and the budgets. Told the time by its caller; not thread-safe.
class Limiter {
  // The amounts that are taken at one gate.
  struct GateState {
    // In the order of kRates.
    std::array<RateWindow, kRates.size()> windows;
    int64_t in_flight = 0;
  };

 public:
  // `options` must outlive the limiter, and may change between its calls.
  explicit Limiter(const LimiterOptions& options);

  // The limit that an attempt exceeds, and whose limit it is.
  struct Refusal {
    Limit limit = Limit::kMaxConcurrent;
    Subject subject = {};
    // Further ones if the limit belongs to them together: a caller's budget for
    // an app and a model.
    std::vector<Subject> together_with = {};
    // When that limit will let it pass; unknown where others must end first.
    std::optional<absl::Time> earliest = std::nullopt;

    // Such as `model:ID`; all subjects if there are several.
    std::string SubjectText() const;
  };

  // Returns the limit that `quota` would exceed after the attempts of `ahead`,
  // or nothing if it may go. Take requires a Check without `ahead`.
  std::optional<Refusal> Check(
      absl::Time now, const QuotaRequest& quota,
      absl::Span<const QuotaRequest* const> ahead = {});

  // What one attempt has taken: give it to Settle once, then to Release once,
  // while the limiter lives.
  struct Reservation {
    struct Held {
      GateState* gate;
      // 0, which settles nothing, where tokens had no limit at that time.
      uint64_t token_ticket = 0;
    };
    std::string model;
    std::string caller;
    std::string app;
    absl::InlinedVector<Held, 4> gates;
    Budgets::Reservation budgets;
  };

  // REQUIRES: Check returned nothing for `quota`.
  Reservation Take(absl::Time now, const QuotaRequest& quota);

  // Corrects the reservation to the real amounts, at the limits and budgets
  // that it was taken from, whatever a reload has made of them since.
  void Settle(absl::Time now, const Reservation& reservation, int64_t tokens,
              Money cost);

  // Gives the slot back at every gate.
  void Release(const Reservation& reservation);
  // Tells budgets that are new, by the start or a reload, of what came before.
  void AddSpent(absl::Time now, const std::vector<Spending>& earlier);
  int64_t in_flight() const { return service_state_.in_flight; }

 private:
  struct OpenGate {
    const Subject& subject;
    const RateLimits& limits;
    GateState& state;
  };
  using OpenGates = absl::InlinedVector<OpenGate, 4>;

  // The service's gate, then those of `quota` that have limits.
  OpenGates GatesFor(const QuotaRequest& quota);
  static std::optional<Refusal> CheckRates(
      absl::Time now, const QuotaRequest& quota, const OpenGates& gates,
      absl::Span<const QuotaRequest* const> ahead);

  const LimiterOptions& options_;
  const Subject service_;
  GateState service_state_;
  // The other subjects that have limits. A node stays where it is, because
  // reservations point to it.
  absl::node_hash_map<Subject, GateState> states_;
  Budgets budgets_;
};

}  // namespace holysheep
