#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "policy/money.h"

namespace holysheep {

// What was answered, used and paid on one day, for one model and caller.
struct UsageRow {
  std::string day;  // YYYY-MM-DD, UTC
  std::string model;
  std::string caller;

  // Sums of what the answers said, hits and joined calls included.
  int64_t calls = 0;
  int64_t prompt_tokens = 0;
  int64_t completion_tokens = 0;
  int64_t total_tokens = 0;
  int64_t cached_prompt_tokens = 0;
  int64_t reasoning_tokens = 0;
  bool estimated = false;
  Money total;
  Money prompt;
  Money completion;
  Money official;
  Money saved;

  // Attempts that cost something, and what they cost.
  int64_t attempts = 0;
  Money charged;
  // The last hour of the day, from 0, in which anything was charged, and what
  // was: budgets of an hour go on from it.
  int64_t hour = 0;
  Money charged_in_hour;
};

// When the day of the row begins.
absl::Time StartOf(const UsageRow& row);

// Adds what was charged at `when`, on the row's day.
void AddCharge(absl::Time when, Money amount, UsageRow& row);

}  // namespace holysheep
