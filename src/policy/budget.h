#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policy/money.h"

namespace holysheep {

// A calendar period in UTC.
enum class Period { kHour, kDay, kMonth };

// At most `usd` are spent in each period by the caller on the model, by name.
// "*" is any caller or model, all of them together: {"*", "*"} caps the whole
// service, {"team-a", "*"} all that team-a spends. To give each caller a budget
// of its own, write a rule for each.
struct BudgetRule {
  std::string caller = "*";
  std::string model = "*";
  // Zero lets only what is free pass.
  Money usd;
  Period period = Period::kDay;
};

// What was spent on a day and, of it, in an hour, both by their beginning.
struct Spending {
  std::string caller;
  std::string model;
  absl::Time day;
  Money in_day;
  absl::Time hour;
  Money in_hour;
};

// Keeps the spending under one rule. What a call may cost is reserved before
// it starts and settled to what it did cost when it has ended; spending and
// reservations together never pass the cap as long as nothing costs more than
// was reserved for it. A call counts in the period in which it was reserved.
// Told the time by its caller, which must not run backwards; not thread-safe.
class Budget {
 public:
  // What Reserve took: give it back to Settle.
  struct Ticket {
    absl::Time period;
    Money amount;
  };

  explicit Budget(BudgetRule rule);

  const BudgetRule& rule() const { return rule_; }
  // Whether what `caller` spends on `model` counts here.
  bool Covers(absl::string_view caller, absl::string_view model) const;

  // Holds from now on; what was spent or reserved stays counted.
  void SetCap(Money usd) { rule_.usd = usd; }

  bool Fits(absl::Time now, Money amount);
  // Whether it might once those who reserved have ended, for nothing.
  bool MayFitLater(absl::Time now, Money amount);
  // REQUIRES: `amount` fits.
  Ticket Reserve(absl::Time now, Money amount);
  // Once for each ticket; `cost` is zero for a call that cost nothing. The
  // ticket of a past period is ignored.
  void Settle(const Ticket& ticket, Money cost);
  // Counts what was spent without a reservation if `when` is in the period of
  // `now`.
  void AddSpent(absl::Time now, absl::Time when, Money cost);
  // Counts what of it is covered, such as from before a restart. Only the first
  // time.
  void AddEarlier(absl::Time now, const std::vector<Spending>& earlier);

  Money Spent(absl::Time now);
  Money Reserved(absl::Time now);

  // When the next period begins, and with it the whole budget anew.
  absl::Time NextPeriod(absl::Time now) const;

 private:
  // Starts over if a new period has begun.
  void Advance(absl::Time now);
  bool FitsBeside(Money taken, Money amount) const;

  BudgetRule rule_;
  absl::Time period_ = absl::InfinitePast();
  Money spent_;
  Money reserved_;
  bool knows_earlier_ = false;
};

}  // namespace holysheep
