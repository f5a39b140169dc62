#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "policy/budget.h"
#include "policy/budgets.h"
#include "policy/money.h"
#include "policy/rate_window.h"

namespace holysheep {

// The limits of the service; 0 is unlimited.
struct LimiterOptions {
  int64_t requests_per_minute = 60;
  int64_t tokens_per_minute = 0;
  int64_t max_concurrent = 20;
  std::vector<BudgetRule> budgets;
};

// The quantities that one upstream attempt asks of the limits.
struct QuotaRequest {
  std::string model;
  std::string caller;
  // Reserved until the real amounts are known.
  int64_t tokens = 0;
  Money cost;
  // The limits of the model and of the caller; 0 is unlimited.
  int64_t model_requests_per_minute = 0;
  int64_t model_tokens_per_minute = 0;
  int64_t caller_requests_per_minute = 0;
  int64_t caller_tokens_per_minute = 0;
};

// The names of limits and subjects in a refusal.
inline constexpr absl::string_view kBudgets = "budgets";
inline constexpr absl::string_view kServiceSubject = "service";
std::string ModelSubject(const QuotaRequest& quota);
std::string CallerSubject(const QuotaRequest& quota);

// All limits on upstream attempts, taken together or not at all: concurrency,
// requests and tokens in any 60 s for the service, the model and the caller,
// and the budgets. The caller supplies the time. Not thread-safe.
class Limiter {
 public:
  // `options` must outlive the limiter, and may change between its calls.
  explicit Limiter(const LimiterOptions& options);

  // The limit that an attempt exceeds, and whose limit it is.
  struct Refusal {
    // As configured: max_concurrent, requests_per_minute, tokens_per_minute
    // or budgets.
    std::string limit;
    // `service`, `model:ID` or `caller:NAME`.
    std::string subject;
    // When the limit will admit it; not set if others must end first.
    std::optional<absl::Time> earliest;
  };

  // Returns the limit that `quota` would exceed after the attempts of `ahead`,
  // or nothing if it may go. Take requires a Check without `ahead`.
  std::optional<Refusal> Check(
      absl::Time now, const QuotaRequest& quota,
      absl::Span<const QuotaRequest* const> ahead = {});

  // The share of one attempt, to be passed to Settle and then to Release, once
  // each.
  struct Reservation {
    QuotaRequest quota;
    // By gate: service, model, caller. 0, for which Settle does nothing, where
    // there was no limit.
    std::array<uint64_t, 3> token_tickets = {};
    Budgets::Reservation budgets;
  };

  // REQUIRES: Check returned nothing for `quota`.
  Reservation Take(absl::Time now, const QuotaRequest& quota);

  // Corrects the reservation to the real amounts, at the limits and budgets
  // that it was taken from, whatever a reload has made of them since.
  void Settle(absl::Time now, const Reservation& reservation, int64_t tokens,
              Money cost);

  // Frees the slot of one attempt.
  void Release() { --in_flight_; }
  // Tells new budgets, after the start or a reload, what was spent before.
  void AddSpent(absl::Time now, const std::vector<Spending>& earlier);
  int64_t in_flight() const { return in_flight_; }

 private:
  struct Windows {
    RateWindow requests{0};
    RateWindow tokens{0};
  };
  // By gate: service, model, caller. Null where there is no limit.
  using Gates = std::array<Windows*, 3>;

  Gates GatesFor(const QuotaRequest& quota);
  Windows* WindowsOf(const std::string& subject, int64_t requests_per_minute,
                     int64_t tokens_per_minute);
  std::optional<Refusal> CheckRates(
      absl::Time now, const QuotaRequest& quota,
      absl::Span<const QuotaRequest* const> ahead);

  const LimiterOptions& options_;
  int64_t in_flight_ = 0;
  // By subject. Holds only configured names, so it is bounded.
  absl::flat_hash_map<std::string, std::unique_ptr<Windows>> windows_;
  Budgets budgets_;
};

}  // namespace holysheep
