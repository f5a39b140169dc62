#include "policy/budget.h"

#include <cassert>
#include <utility>

#include "absl/time/civil_time.h"

namespace holysheep {
namespace {

// The beginning of the period `periods` after that of `now`, in UTC.
template <typename CivilPeriod>
absl::Time Begin(absl::Time now, int periods) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  return absl::FromCivil(CivilPeriod(absl::ToCivilSecond(now, utc)) + periods,
                         utc);
}

absl::Time Begin(Period period, absl::Time now, int periods) {
  switch (period) {
    case Period::kHour:
      return Begin<absl::CivilHour>(now, periods);
    case Period::kDay:
      return Begin<absl::CivilDay>(now, periods);
    case Period::kMonth:
      return Begin<absl::CivilMonth>(now, periods);
  }
  return absl::InfinitePast();
}

bool Matches(absl::string_view pattern, absl::string_view name) {
  return pattern == "*" || pattern == name;
}

}  // namespace

Budget::Budget(BudgetRule rule) : rule_(std::move(rule)) {}

bool Budget::Covers(absl::string_view caller, absl::string_view model,
                    absl::string_view app) const {
  return Matches(rule_.caller, caller) && Matches(rule_.model, model) &&
         Matches(rule_.app, app);
}

bool Budget::Fits(absl::Time now, Money amount) {
  Advance(now);
  return FitsBeside(spent_ + reserved_, amount);
}

bool Budget::MayFitLater(absl::Time now, Money amount) {
  Advance(now);
  return FitsBeside(spent_, amount);
}

bool Budget::FitsBeside(Money taken, Money amount) const {
  // A free call fits even if more than the cap was spent.
  return amount == Money() || !(rule_.usd < taken + amount);
}

Budget::Ticket Budget::Reserve(absl::Time now, Money amount) {
  assert(Fits(now, amount));
  Advance(now);
  reserved_ += amount;
  return {period_, amount};
}

void Budget::Settle(const Ticket& ticket, Money cost) {
  if (ticket.period != period_) return;
  reserved_ = reserved_ - ticket.amount;
  spent_ += cost;
}

void Budget::AddSpent(absl::Time now, absl::Time when, Money cost) {
  Advance(now);
  if (Begin(rule_.period, when, 0) == period_) spent_ += cost;
}

void Budget::AddEarlier(absl::Time now, const std::vector<Spending>& earlier) {
  if (std::exchange(knows_earlier_, true)) return;
  const bool hourly = rule_.period == Period::kHour;
  for (const Spending& spent : earlier) {
    if (!Covers(spent.caller, spent.model, spent.app)) continue;
    AddSpent(now, hourly ? spent.hour : spent.day,
             hourly ? spent.in_hour : spent.in_day);
  }
}

Money Budget::Spent(absl::Time now) {
  Advance(now);
  return spent_;
}

Money Budget::Reserved(absl::Time now) {
  Advance(now);
  return reserved_;
}

absl::Time Budget::NextPeriod(absl::Time now) const {
  return Begin(rule_.period, now, 1);
}

void Budget::Advance(absl::Time now) {
  const absl::Time period = Begin(rule_.period, now, 0);
  if (period == period_) return;
  period_ = period;
  spent_ = Money();
  reserved_ = Money();
}

}  // namespace holysheep
