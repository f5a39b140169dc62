#include "policy/budgets.h"

#include <algorithm>

namespace holysheep {
namespace {

bool Covers(const Budget& budget, const Expense& expense) {
  return budget.Covers(expense.caller, expense.model, expense.app);
}

bool SameRule(const BudgetRule& a, const BudgetRule& b) {
  return a.caller == b.caller && a.model == b.model && a.app == b.app &&
         a.period == b.period;
}

}  // namespace

// Budgets are few, so a reload is noticed by comparing the rules.
void Budgets::TakeUp(const std::vector<BudgetRule>& rules) {
  const bool same =
      std::equal(rules.begin(), rules.end(), budgets_.begin(), budgets_.end(),
                 [](const BudgetRule& rule, const Numbered& entry) {
                   return SameRule(rule, entry.budget.rule()) &&
                          rule.usd == entry.budget.rule().usd;
                 });
  if (same) return;
  std::vector<Numbered> budgets;
  for (const BudgetRule& rule : rules) {
    const auto old = std::find_if(budgets_.begin(), budgets_.end(),
                                  [&rule](const Numbered& entry) {
                                    return SameRule(rule, entry.budget.rule());
                                  });
    budgets.push_back(
        old == budgets_.end() ? Numbered{next_number_++, Budget(rule)} : *old);
    budgets.back().budget.SetCap(rule.usd);
  }
  budgets_ = std::move(budgets);
}

// A budget that others may still free is remembered, but the search goes on for
// one that will not have room before its next period: that one decides how long
// the caller has to wait.

std::optional<Budgets::Refusal> Budgets::Check(absl::Time now,
                                               const Expense& expense) {
  std::optional<Refusal> refusal;
  for (Numbered& entry : budgets_) {
    Budget& budget = entry.budget;
    if (!Covers(budget, expense)) continue;
    if (budget.Fits(now, expense.cost)) continue;
    refusal = Refusal{budget.rule(), std::nullopt};
    if (budget.MayFitLater(now, expense.cost)) continue;
    refusal->earliest = budget.NextPeriod(now);
    break;
  }
  return refusal;
}

Budgets::Reservation Budgets::Reserve(absl::Time now, const Expense& expense) {
  Reservation reservation;
  reservation.when = now;
  for (Numbered& entry : budgets_) {
    if (!Covers(entry.budget, expense)) continue;
    reservation.tickets.emplace_back(entry.number,
                                     entry.budget.Reserve(now, expense.cost));
  }
  return reservation;
}

void Budgets::Settle(absl::Time now, const Reservation& reservation,
                     const Expense& spent) {
  const auto& tickets = reservation.tickets;
  for (Numbered& entry : budgets_) {
    if (!Covers(entry.budget, spent)) continue;
    const auto ticket = std::find_if(
        tickets.begin(), tickets.end(),
        [&entry](const auto& own) { return own.first == entry.number; });
    // A budget without a ticket was added, by a reload, after the reservation.
    if (ticket != tickets.end()) {
      entry.budget.Settle(ticket->second, spent.cost);
    } else {
      entry.budget.AddSpent(now, reservation.when, spent.cost);
    }
  }
}

void Budgets::AddSpent(absl::Time now, const std::vector<Spending>& earlier) {
  for (Numbered& entry : budgets_) entry.budget.AddEarlier(now, earlier);
}

}  // namespace holysheep
