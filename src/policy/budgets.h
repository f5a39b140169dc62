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

// What one upstream attempt may cost, or has cost, and on whose account.
struct Expense {
  absl::string_view caller;
  absl::string_view model;
  Money cost;
};

// All budgets, under rules that may change while attempts are under way. Told
// the time by its caller, which must not run backwards; not thread-safe.
class Budgets {
 public:
  // What was spent and reserved under a rule stays counted when only its amount
  // changes. Cheap if nothing does.
  void TakeUp(const std::vector<BudgetRule>& rules);

  struct Refusal {
    BudgetRule rule;
    // When it will have room; unknown where others must end first.
    std::optional<absl::Time> earliest;
  };
  // Which budget has no room for `expense`; none if it may be reserved.
  std::optional<Refusal> Check(absl::Time now, const Expense& expense);

  // What one attempt has reserved: give it back to Settle once.
  struct Reservation {
    absl::Time when;
    // By the numbers of their budgets.
    std::vector<std::pair<uint64_t, Budget::Ticket>> tickets;
  };
  // REQUIRES: Check finds nothing in the way.
  Reservation Reserve(absl::Time now, const Expense& expense);

  // Corrects the reservation to what was really spent, also under budgets that
  // came after it.
  void Settle(absl::Time now, const Reservation& reservation,
              const Expense& spent);

  // Tells budgets that are new of what came before them.
  void AddSpent(absl::Time now, const std::vector<Spending>& earlier);

 private:
  struct Numbered {
    uint64_t number;
    Budget budget;
  };

  // In the order of the rules. Numbers are never used again.
  std::vector<Numbered> budgets_;
  uint64_t next_number_ = 0;
};

}  // namespace holysheep
