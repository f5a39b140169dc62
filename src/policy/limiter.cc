#include "policy/limiter.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace holysheep {
// Invariants: Check takes nothing, and Take takes from all gates at once, so
// that no attempt holds a part of what it needs. The `in_flight` of a gate is
// the number of reservations at it that are not yet released. A gate's state is
// created when its limits are first used and never removed, so that a limit
// which a reload drops and restores goes on counting, and a reservation is
// settled where it was taken, not under the present options.
namespace {

// Amounts or limits, in the order of kRates.
using Amounts = std::array<int64_t, kRates.size()>;

bool Passes(const QuotaRequest& quota, const Subject& subject) {
  if (subject.kind == SubjectKind::kService) return true;
  return std::any_of(
      quota.gates.begin(), quota.gates.end(),
      [&subject](const Gate& gate) { return gate.subject == subject; });
}

// What those ahead will take of the windows at one gate, whose limits are
// `most`. An amount over a limit counts as the whole limit.
Amounts CountAhead(const Subject& subject, const Amounts& most,
                   absl::Span<const QuotaRequest* const> waiting) {
  Amounts ahead = {};
  for (const QuotaRequest* other : waiting) {
    if (!Passes(*other, subject)) continue;
    for (size_t i = 0; i < kRates.size(); ++i) {
      ahead[i] += std::min(other->*kRates[i].asked, most[i]);
    }
  }
  return ahead;
}

Expense ExpenseOf(const QuotaRequest& quota) {
  return {quota.caller, quota.model, quota.cost, quota.app};
}

// A budget that names nobody is the service's.
Limiter::Refusal BudgetRefusal(const Budgets::Refusal& refusal) {
  const BudgetRule& rule = refusal.rule;
  std::vector<Subject> named;
  if (rule.caller != "*") named.push_back({SubjectKind::kCaller, rule.caller});
  if (rule.app != "*") named.push_back({SubjectKind::kApp, rule.app});
  if (rule.model != "*") named.push_back({SubjectKind::kModel, rule.model});
  Limiter::Refusal refused;
  refused.limit = Limit::kBudgets;
  refused.earliest = refusal.earliest;
  if (named.empty()) return refused;
  refused.subject = named.front();
  refused.together_with.assign(named.begin() + 1, named.end());
  return refused;
}

}  // namespace

std::string Limiter::Refusal::SubjectText() const {
  std::string text = holysheep::SubjectText(subject);
  for (const Subject& other : together_with) {
    absl::StrAppend(&text, " ", holysheep::SubjectText(other));
  }
  return text;
}

Limiter::Limiter(const LimiterOptions& options) : options_(options) {
  budgets_.TakeUp(options_.budgets);
}

// Budgets come first: if they are exhausted, waiting for a rate does not help.
std::optional<Limiter::Refusal> Limiter::Check(
    absl::Time now, const QuotaRequest& quota,
    absl::Span<const QuotaRequest* const> ahead) {
  budgets_.TakeUp(options_.budgets);
  if (const auto refusal = budgets_.Check(now, ExpenseOf(quota))) {
    return BudgetRefusal(*refusal);
  }
  const OpenGates gates = GatesFor(quota);
  if (auto refusal = CheckRates(now, quota, gates, ahead)) return refusal;
  for (const OpenGate& gate : gates) {
    const int64_t most = gate.limits.max_concurrent;
    if (most > 0 && gate.state.in_flight >= most) {
      return Refusal{.limit = Limit::kMaxConcurrent, .subject = gate.subject};
    }
  }
  return std::nullopt;
}

// Finds the window that has no room for the longest.
std::optional<Limiter::Refusal> Limiter::CheckRates(
    absl::Time now, const QuotaRequest& quota, const OpenGates& gates,
    absl::Span<const QuotaRequest* const> waiting) {
  absl::Time latest = now;
  Limit limit = Limit::kRequestsPerMinute;
  const Subject* subject = nullptr;
  for (const OpenGate& gate : gates) {
    Amounts most = {};
    for (size_t i = 0; i < kRates.size(); ++i) {
      most[i] = gate.limits.*kRates[i].per_minute;
    }
    if (most == Amounts()) continue;
    const Amounts ahead = CountAhead(gate.subject, most, waiting);
    for (size_t i = 0; i < kRates.size(); ++i) {
      const absl::Time earliest = gate.state.windows[i].EarliestFit(
          now, quota.*kRates[i].asked, ahead[i]);
      if (earliest <= latest) continue;
      latest = earliest;
      limit = kRates[i].limit;
      subject = &gate.subject;
    }
  }
  if (subject == nullptr) return std::nullopt;
  return Refusal{.limit = limit, .subject = *subject, .earliest = latest};
}

Limiter::Reservation Limiter::Take(absl::Time now, const QuotaRequest& quota) {
  Reservation reservation;
  reservation.model = quota.model;
  reservation.caller = quota.caller;
  reservation.app = quota.app;
  for (const OpenGate& gate : GatesFor(quota)) {
    ++gate.state.in_flight;
    Reservation::Held held = {&gate.state};
    for (size_t i = 0; i < kRates.size(); ++i) {
      const uint64_t ticket =
          gate.state.windows[i].Take(now, quota.*kRates[i].asked);
      if (i == kTokenRate) held.token_ticket = ticket;
    }
    reservation.gates.push_back(held);
  }
  reservation.budgets = budgets_.Reserve(now, ExpenseOf(quota));
  return reservation;
}

void Limiter::Settle(absl::Time now, const Reservation& reservation,
                     int64_t tokens, Money cost) {
  for (const Reservation::Held& held : reservation.gates) {
    held.gate->windows[kTokenRate].Settle(held.token_ticket, tokens);
  }
  budgets_.Settle(
      now, reservation.budgets,
      {reservation.caller, reservation.model, cost, reservation.app});
}

void Limiter::Release(const Reservation& reservation) {
  for (const Reservation::Held& held : reservation.gates) {
    --held.gate->in_flight;
  }
}

Limiter::OpenGates Limiter::GatesFor(const QuotaRequest& quota) {
  OpenGates gates;
  const auto add = [&gates](const Subject& subject, const RateLimits& limits,
                            GateState& state) {
    for (size_t i = 0; i < kRates.size(); ++i) {
      state.windows[i].SetLimit(limits.*kRates[i].per_minute);
    }
    gates.push_back({subject, limits, state});
  };
  add(service_, options_.service, service_state_);
  for (const Gate& gate : quota.gates) {
    if (gate.limits == RateLimits()) continue;
    add(gate.subject, gate.limits, states_[gate.subject]);
  }
  return gates;
}

void Limiter::AddSpent(absl::Time now, const std::vector<Spending>& earlier) {
  budgets_.TakeUp(options_.budgets);
  budgets_.AddSpent(now, earlier);
}

}  // namespace holysheep
