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

// 0 is no limit.
struct LimiterOptions {
  int64_t requests_per_minute = 60;
  int64_t tokens_per_minute = 0;
  int64_t max_concurrent = 20;
  std::vector<BudgetRule> budgets;
};

// What one upstream attempt asks of the limits.
struct QuotaRequest {
  std::string model;
  std::string caller;
  // Reserved until the real use is known.
  int64_t tokens = 0;
  Money cost;
  // Of the model and of the caller; 0 is no limit.
  int64_t model_requests_per_minute = 0;
  int64_t model_tokens_per_minute = 0;
  int64_t caller_requests_per_minute = 0;
  int64_t caller_tokens_per_minute = 0;
};

// What a limit is named and belongs to, in a refusal.
inline constexpr absl::string_view kBudgets = "budgets";
inline constexpr absl::string_view kServiceSubject = "service";
std::string ModelSubject(const QuotaRequest& quota);
std::string CallerSubject(const QuotaRequest& quota);

// All limits on upstream attempts, taken together or not at all: concurrency,
// requests and tokens in any 60 s for the service, the model and the caller,
// and the budgets. Told the time by its caller; not thread-safe.
class Limiter {
 public:
  // `options` must outlive the limiter, and may change between its calls.
  explicit Limiter(const LimiterOptions& options);

  // Which limit an attempt runs into, and whose.
  struct Refusal {
    // As configured: max_concurrent, requests_per_minute, tokens_per_minute
    // or budgets.
    std::string limit;
    // `service`, `model:ID` or `caller:NAME`.
    std::string subject;
    // When that limit will let it pass; unknown where others must end first.
    std::optional<absl::Time> earliest;
  };

  // What `quota` runs into if it comes now and after `ahead`; none if it may
  // go. With nothing ahead a quota that runs into nothing may be taken.
  std::optional<Refusal> Check(
      absl::Time now, const QuotaRequest& quota,
      absl::Span<const QuotaRequest* const> ahead = {});

  // What one attempt has taken: give it to Settle once, then to Release once.
  struct Reservation {
    QuotaRequest quota;
    // 0, which settles nothing, where there was no limit at that time.
    std::array<uint64_t, 3> token_tickets = {};
    Budgets::Reservation budgets;
  };

  // REQUIRES: Check finds nothing in the way.
  Reservation Take(absl::Time now, const QuotaRequest& quota);

  // Corrects the reservation to what was really used, at the limits and budgets
  // that it was taken from, whatever a reload has made of them since.
  void Settle(absl::Time now, const Reservation& reservation, int64_t tokens,
              Money cost);

  // Gives the slot back.
  void Release() { --in_flight_; }
  // Tells budgets that are new, by the start or a reload, of what came before.
  void AddSpent(absl::Time now, const std::vector<Spending>& earlier);
  int64_t in_flight() const { return in_flight_; }

 private:
  struct Windows {
    RateWindow requests{0};
    RateWindow tokens{0};
  };
  // Of service, model and caller.
  using Gates = std::array<Windows*, 3>;

  Gates GatesFor(const QuotaRequest& quota);
  Windows* WindowsOf(const std::string& subject, int64_t requests_per_minute,
                     int64_t tokens_per_minute);
  std::optional<Refusal> CheckRates(
      absl::Time now, const QuotaRequest& quota,
      absl::Span<const QuotaRequest* const> ahead);

  const LimiterOptions& options_;
  int64_t in_flight_ = 0;
  // By subject; only of what is configured.
  absl::flat_hash_map<std::string, std::unique_ptr<Windows>> windows_;
  Budgets budgets_;
};

}  // namespace holysheep
