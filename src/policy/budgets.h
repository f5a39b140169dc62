#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policy/budget.h"
#include "policy/money.h"

namespace holysheep {

// The cost, estimated or real, of one upstream attempt, and who pays for which
// model and app. The views must outlive the call that receives them.
struct Expense {
  absl::string_view caller;
  absl::string_view model;
  Money cost;
  absl::string_view app = {};
};

// All budgets together, under rules that may change while attempts are running.
// The caller supplies the time, which must not run backwards. Not thread-safe.
class Budgets {
 public:
  // Adopts `rules`. If only the amount of a rule changes, its spending and
  // reservations stay counted. Cheap if no rule changes. A rule is the same if
  // caller, model, app and period are; budgets without a rule are dropped.
  // REQUIRES: rules are distinct in these.
  void TakeUp(const std::vector<BudgetRule>& rules);

  // A budget that has no room, and until when. `earliest` is the beginning of
  // the next period, where it is set.
  struct Refusal {
    BudgetRule rule;
    // The time at which the budget will have room; not set if that depends on
    // the end of other calls.
    std::optional<absl::Time> earliest;
  };
  // Returns a budget without room for `expense`, or nothing if it may be
  // reserved. Of several budgets, one that stays full for the whole period is
  // preferred.
  std::optional<Refusal> Check(absl::Time now, const Expense& expense);

  // The reservation of one attempt, to be passed to Settle once. Belongs to the
  // attempt; holds a ticket for each budget that covers it.
  struct Reservation {
    absl::Time when;
    // By the numbers of the budgets.
    std::vector<std::pair<uint64_t, Budget::Ticket>> tickets;
  };
  // REQUIRES: Check returned nothing for `expense`.
  Reservation Reserve(absl::Time now, const Expense& expense);

  // Replaces the reservation by the real expense. It also counts in budgets
  // that were added after the reservation.
  void Settle(absl::Time now, const Reservation& reservation,
              const Expense& spent);

  // Counts `earlier` in the budgets that do not know it yet.
  void AddSpent(absl::Time now, const std::vector<Spending>& earlier);

 private:
  // A budget and the number by which reservations find it, even after a reload
  // has moved it.
  struct Numbered {
    uint64_t number;
    Budget budget;
  };

  // In the order of the rules. A number is never used again.
  std::vector<Numbered> budgets_;
  uint64_t next_number_ = 0;
};

}  // namespace holysheep
