#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "policy/budget.h"
#include "policy/money.h"

namespace holysheep {

// The sums of one day, one model, one caller and one app. A value.
struct UsageRow {
  std::string day;  // YYYY-MM-DD, UTC
  // The one that answered or was charged; `other` where there are too many.
  std::string model;
  // Empty for calls without authentication.
  std::string caller;
  // As `caller.app_id`; empty for calls without one, `other` where there are
  // too many.
  std::string app;

  // Sums over the answers, including cache hits and joined calls.
  int64_t calls = 0;
  int64_t prompt_tokens = 0;
  int64_t completion_tokens = 0;
  int64_t total_tokens = 0;
  int64_t cached_prompt_tokens = 0;
  int64_t cache_write_tokens = 0;
  int64_t reasoning_tokens = 0;
  // Whether any of the token counts is an estimate.
  bool estimated = false;
  // What the answers cost, what they would have cost at the official price, and
  // the difference.
  Money total;
  Money prompt;
  Money completion;
  Money official;
  Money saved;

  // Attempts that cost something, and their cost. `charged` less `total` is
  // what no answer has reported, such as the cost of attempts that failed.
  int64_t attempts = 0;
  Money charged;
  // The last hour of the day, from 0, in which an attempt was charged, and the
  // sum of its charges: hourly budgets continue with it after a restart.
  int64_t hour = 0;
  Money charged_in_hour;
};

// The beginning of the row's day, in UTC. 1970 if `day` is not a day.
absl::Time StartOf(const UsageRow& row);

// Adds the charge of an attempt at `when`, which must be on the row's day. A
// charge of an hour before `hour` counts for the day only.
void AddCharge(absl::Time when, Money amount, UsageRow& row);

// What budgets have to know of the row.
Spending SpendingOf(const UsageRow& row);

}  // namespace holysheep
