#include "policy/limiter.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace holysheep {
// Invariants: Check takes nothing, and Take takes from all gates at once, so
// that no attempt holds a part of what it needs. `in_flight_` is the number of
// reservations not yet released. A window is created when its limit is first
// used and never removed, so that a limit which a reload drops and restores
// goes on counting. Every reservation is settled under the subject that it was
// taken for, not under the present options.

namespace {

constexpr size_t kServiceGate = 0;
constexpr size_t kModelGate = 1;
constexpr size_t kCallerGate = 2;
constexpr size_t kGates = 3;

std::string SubjectOf(size_t gate, const QuotaRequest& quota) {
  if (gate == kModelGate) return ModelSubject(quota);
  if (gate == kCallerGate) return CallerSubject(quota);
  return std::string(kServiceSubject);
}

// The share of one gate's windows that waiting attempts will take first.
struct Ahead {
  int64_t requests = 0;
  int64_t tokens = 0;
};

// A quota above the limit of `most_tokens` counts as the whole limit.
Ahead CountAhead(size_t gate, const QuotaRequest& quota, int64_t most_tokens,
                 absl::Span<const QuotaRequest* const> waiting) {
  Ahead ahead;
  for (const QuotaRequest* other : waiting) {
    if (gate == kModelGate && other->model != quota.model) continue;
    if (gate == kCallerGate && other->caller != quota.caller) continue;
    ++ahead.requests;
    ahead.tokens += std::min(other->tokens, most_tokens);
  }
  return ahead;
}

std::string SubjectOf(const BudgetRule& rule) {
  if (rule.caller == "*" && rule.model == "*")
    return std::string(kServiceSubject);
  if (rule.model == "*") return absl::StrCat("caller:", rule.caller);
  if (rule.caller == "*") return absl::StrCat("model:", rule.model);
  return absl::StrCat("caller:", rule.caller, " model:", rule.model);
}

Expense ExpenseOf(const QuotaRequest& quota, Money cost) {
  return {quota.caller, quota.model, cost};
}

}  // namespace

std::string ModelSubject(const QuotaRequest& quota) {
  return absl::StrCat("model:", quota.model);
}

std::string CallerSubject(const QuotaRequest& quota) {
  return absl::StrCat("caller:", quota.caller);
}

Limiter::Limiter(const LimiterOptions& options) : options_(options) {
  budgets_.TakeUp(options_.budgets);
}

// Budgets come first: if they are exhausted, waiting for a rate does not help.
std::optional<Limiter::Refusal> Limiter::Check(
    absl::Time now, const QuotaRequest& quota,
    absl::Span<const QuotaRequest* const> ahead) {
  budgets_.TakeUp(options_.budgets);
  if (const auto refusal = budgets_.Check(now, ExpenseOf(quota, quota.cost))) {
    return Refusal{std::string(kBudgets), SubjectOf(refusal->rule),
                   refusal->earliest};
  }
  if (std::optional<Refusal> refusal = CheckRates(now, quota, ahead)) {
    return refusal;
  }
  const int64_t most = options_.max_concurrent;
  if (most > 0 && in_flight_ >= most) {
    return Refusal{"max_concurrent", std::string(kServiceSubject),
                   std::nullopt};
  }
  return std::nullopt;
}

// The rate that admits the attempt last is reported, because
// the wait is at least that long.
std::optional<Limiter::Refusal> Limiter::CheckRates(
    absl::Time now, const QuotaRequest& quota,
    absl::Span<const QuotaRequest* const> waiting) {
  std::optional<Refusal> worst;
  const auto consider = [&](absl::string_view limit, size_t gate,
                            absl::Time earliest) {
    if (earliest <= now) return;
    if (worst.has_value() && earliest <= *worst->earliest) return;
    worst = Refusal{std::string(limit), SubjectOf(gate, quota), earliest};
  };
  const Gates gates = GatesFor(quota);
  for (size_t gate = 0; gate < kGates; ++gate) {
    if (gates[gate] == nullptr) continue;
    Windows& windows = *gates[gate];
    const Ahead ahead =
        CountAhead(gate, quota, windows.tokens.limit(), waiting);
    consider("requests_per_minute", gate,
             windows.requests.EarliestFit(now, 1, ahead.requests));
    consider("tokens_per_minute", gate,
             windows.tokens.EarliestFit(now, quota.tokens, ahead.tokens));
  }
  return worst;
}

Limiter::Reservation Limiter::Take(absl::Time now, const QuotaRequest& quota) {
  Reservation reservation;
  reservation.quota = quota;
  const Gates gates = GatesFor(quota);
  for (size_t gate = 0; gate < kGates; ++gate) {
    if (gates[gate] == nullptr) continue;
    gates[gate]->requests.Take(now, 1);
    reservation.token_tickets[gate] =
        gates[gate]->tokens.Take(now, quota.tokens);
  }
  reservation.budgets = budgets_.Reserve(now, ExpenseOf(quota, quota.cost));
  ++in_flight_;
  return reservation;
}

void Limiter::Settle(absl::Time now, const Reservation& reservation,
                     int64_t tokens, Money cost) {
  for (size_t gate = 0; gate < kGates; ++gate) {
    // The present limit does not matter: it may come back while this still
    // counts.
    const auto windows = windows_.find(SubjectOf(gate, reservation.quota));
    if (windows == windows_.end()) continue;
    windows->second->tokens.Settle(reservation.token_tickets[gate], tokens);
  }
  budgets_.Settle(now, reservation.budgets, ExpenseOf(reservation.quota, cost));
}

Limiter::Gates Limiter::GatesFor(const QuotaRequest& quota) {
  Gates gates;
  gates[kServiceGate] =
      WindowsOf(std::string(kServiceSubject), options_.requests_per_minute,
                options_.tokens_per_minute);
  gates[kModelGate] =
      WindowsOf(ModelSubject(quota), quota.model_requests_per_minute,
                quota.model_tokens_per_minute);
  gates[kCallerGate] =
      WindowsOf(CallerSubject(quota), quota.caller_requests_per_minute,
                quota.caller_tokens_per_minute);
  return gates;
}

Limiter::Windows* Limiter::WindowsOf(const std::string& subject,
                                     int64_t requests_per_minute,
                                     int64_t tokens_per_minute) {
  if (requests_per_minute == 0 && tokens_per_minute == 0) return nullptr;
  std::unique_ptr<Windows>& windows = windows_[subject];
  if (windows == nullptr) windows = std::make_unique<Windows>();
  windows->requests.SetLimit(requests_per_minute);
  windows->tokens.SetLimit(tokens_per_minute);
  return windows.get();
}

void Limiter::AddSpent(absl::Time now, const std::vector<Spending>& earlier) {
  budgets_.TakeUp(options_.budgets);
  budgets_.AddSpent(now, earlier);
}

}  // namespace holysheep
