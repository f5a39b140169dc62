#include "policy/limiter.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace holysheep {
namespace {

constexpr size_t kServiceGate = 0;
constexpr size_t kModelGate = 1;
constexpr size_t kCallerGate = 2;
constexpr size_t kGates = 3;

std::string SubjectOf(size_t gate, const Demand& demand) {
  if (gate == kModelGate) return ModelSubject(demand);
  if (gate == kCallerGate) return CallerSubject(demand);
  return std::string(kService);
}

// What those ahead will take of the windows at one gate.
struct Ahead {
  int64_t requests = 0;
  int64_t tokens = 0;
};

// A demand over the limit of `most_tokens` counts as the whole limit.
Ahead CountAhead(size_t gate, const Demand& demand, int64_t most_tokens,
                 absl::Span<const Demand* const> waiting) {
  Ahead ahead;
  for (const Demand* other : waiting) {
    if (gate == kModelGate && other->model != demand.model) continue;
    if (gate == kCallerGate && other->caller != demand.caller) continue;
    ++ahead.requests;
    ahead.tokens += std::min(other->tokens, most_tokens);
  }
  return ahead;
}

std::string SubjectOf(const BudgetRule& rule) {
  if (rule.caller == "*" && rule.model == "*") return std::string(kService);
  if (rule.model == "*") return absl::StrCat("caller:", rule.caller);
  if (rule.caller == "*") return absl::StrCat("model:", rule.model);
  return absl::StrCat("caller:", rule.caller, " model:", rule.model);
}

Expense ExpenseOf(const Demand& demand, Money cost) {
  return {demand.caller, demand.model, cost};
}

}  // namespace

std::string ModelSubject(const Demand& demand) {
  return absl::StrCat("model:", demand.model);
}

std::string CallerSubject(const Demand& demand) {
  return absl::StrCat("caller:", demand.caller);
}

Limiter::Limiter(const LimiterOptions& options) : options_(options) {
  budgets_.TakeUp(options_.budgets);
}

std::optional<Limiter::Refusal> Limiter::Check(
    absl::Time now, const Demand& demand,
    absl::Span<const Demand* const> ahead) {
  budgets_.TakeUp(options_.budgets);
  if (const auto refusal =
          budgets_.Check(now, ExpenseOf(demand, demand.cost))) {
    return Refusal{std::string(kBudgets), SubjectOf(refusal->rule),
                   refusal->earliest};
  }
  if (std::optional<Refusal> refusal = CheckRates(now, demand, ahead)) {
    return refusal;
  }
  const int64_t most = options_.max_concurrent;
  if (most > 0 && in_flight_ >= most) {
    return Refusal{"max_concurrent", std::string(kService), std::nullopt};
  }
  return std::nullopt;
}

std::optional<Limiter::Refusal> Limiter::CheckRates(
    absl::Time now, const Demand& demand,
    absl::Span<const Demand* const> waiting) {
  std::optional<Refusal> worst;
  const auto consider = [&](absl::string_view limit, size_t gate,
                            absl::Time earliest) {
    if (earliest <= now) return;
    if (worst.has_value() && earliest <= *worst->earliest) return;
    worst = Refusal{std::string(limit), SubjectOf(gate, demand), earliest};
  };
  const Gates gates = GatesFor(demand);
  for (size_t gate = 0; gate < kGates; ++gate) {
    if (gates[gate] == nullptr) continue;
    Windows& windows = *gates[gate];
    const Ahead ahead =
        CountAhead(gate, demand, windows.tokens.limit(), waiting);
    consider("requests_per_minute", gate,
             windows.requests.EarliestFit(now, 1, ahead.requests));
    consider("tokens_per_minute", gate,
             windows.tokens.EarliestFit(now, demand.tokens, ahead.tokens));
  }
  return worst;
}

Limiter::Grant Limiter::Take(absl::Time now, const Demand& demand) {
  Grant grant;
  grant.demand = demand;
  const Gates gates = GatesFor(demand);
  for (size_t gate = 0; gate < kGates; ++gate) {
    if (gates[gate] == nullptr) continue;
    gates[gate]->requests.Take(now, 1);
    grant.token_tickets[gate] = gates[gate]->tokens.Take(now, demand.tokens);
  }
  grant.budgets = budgets_.Reserve(now, ExpenseOf(demand, demand.cost));
  ++in_flight_;
  return grant;
}

void Limiter::Settle(absl::Time now, const Grant& grant, int64_t tokens,
                     Money cost) {
  for (size_t gate = 0; gate < kGates; ++gate) {
    // Whatever the limit is now: it may come back while this still counts.
    const auto windows = windows_.find(SubjectOf(gate, grant.demand));
    if (windows == windows_.end()) continue;
    windows->second->tokens.Settle(grant.token_tickets[gate], tokens);
  }
  budgets_.Settle(now, grant.budgets, ExpenseOf(grant.demand, cost));
}

Limiter::Gates Limiter::GatesFor(const Demand& demand) {
  Gates gates;
  gates[kServiceGate] =
      WindowsOf(std::string(kService), options_.requests_per_minute,
                options_.tokens_per_minute);
  gates[kModelGate] =
      WindowsOf(ModelSubject(demand), demand.model_requests_per_minute,
                demand.model_tokens_per_minute);
  gates[kCallerGate] =
      WindowsOf(CallerSubject(demand), demand.caller_requests_per_minute,
                demand.caller_tokens_per_minute);
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
