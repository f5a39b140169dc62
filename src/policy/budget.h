#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policy/money.h"

namespace holysheep {

// A calendar period in UTC, so that a budget is renewed at a time that people
// can foresee.
enum class Period { kHour, kDay, kMonth };

// A cap: `caller` spends at most `usd` on `model` for `app` in each period. All
// are names; "*" means all of them together: three of them cap the whole
// service, with the caller team-a all that team-a spends. A budget for each
// caller takes a rule for each. A rule of the configuration (`budgets`).
struct BudgetRule {
  std::string caller = "*";
  std::string model = "*";
  // Zero admits only calls that cost nothing.
  Money usd;
  Period period = Period::kDay;
  // As `caller.app_id` of the calls.
  std::string app = "*";

  bool operator==(const BudgetRule&) const = default;
};

// The spending of `caller` on `model` for `app` in one day and, as a part of
// it, in one hour. A day and an hour are given by their beginning.
struct Spending {
  // The names of a row of the ledger, without "*".
  std::string caller;
  std::string model;
  absl::Time day;
  Money in_day;
  absl::Time hour;
  Money in_hour;
  // Empty for calls without an app.
  std::string app = {};
};

// The spending under one rule. The most that a call may cost is reserved before
// it starts, and settled to what it did cost when it has ended. Spending and
// reservations together never exceed the cap as long as no call costs more than
// was reserved for it. A call counts in the period in which it was reserved.
// The caller supplies the time, which must not run backwards. Not thread-safe.
class Budget {
 public:
  // A reservation, to be passed to Settle once. Ends with its period:
  // afterwards nothing has to be settled.
  struct Ticket {
    absl::Time period;
    Money amount;
  };

  // Nothing is spent or reserved yet.
  explicit Budget(BudgetRule rule);

  const BudgetRule& rule() const { return rule_; }
  // Whether the spending of `caller` on `model` for `app` counts under this
  // rule.
  bool Covers(absl::string_view caller, absl::string_view model,
              absl::string_view app) const;

  // Changes the cap from now on; earlier spending and reservations stay
  // counted.
  void SetCap(Money usd) { rule_.usd = usd; }

  // Whether `amount` may be reserved now. Zero always fits.
  bool Fits(absl::Time now, Money amount);
  // Whether `amount` may fit later in this period, if all calls that have
  // reserved end without a cost.
  bool MayFitLater(absl::Time now, Money amount);
  // REQUIRES: `amount` fits.
  Ticket Reserve(absl::Time now, Money amount);
  // Replaces the reservation by `cost`, zero for a call that cost nothing. Call
  // it once for each ticket. A ticket of a past period is ignored.
  void Settle(const Ticket& ticket, Money cost);
  // Counts spending without a reservation, if `when` is in the period of `now`.
  void AddSpent(absl::Time now, absl::Time when, Money cost);
  // Counts the covered part of `earlier`, the spending before a restart or
  // before the rule was added. Only the first call has an effect.
  void AddEarlier(absl::Time now, const std::vector<Spending>& earlier);

  // In the period of `now`.
  Money Spent(absl::Time now);
  // By calls of this period that have not been settled.
  Money Reserved(absl::Time now);

  // The beginning of the next period, when the whole budget is available again.
  absl::Time NextPeriod(absl::Time now) const;

 private:
  // Resets the sums if a new period has begun.
  void Advance(absl::Time now);
  // Whether `amount` fits under the cap if `taken` is gone already.
  bool FitsBeside(Money taken, Money amount) const;

  BudgetRule rule_;
  absl::Time period_ = absl::InfinitePast();
  Money spent_;
  Money reserved_;
  bool knows_earlier_ = false;
};

}  // namespace holysheep
