#include "store/usage_row.h"

namespace holysheep {
// `charged_in_hour` is the part of `charged` that falls into `hour`, and `hour`
// never decreases.

// Days come from this service, so that the epoch shows only for a file that was
// edited.
absl::Time StartOf(const UsageRow& row) {
  absl::Time start;
  std::string error;
  const bool is_day = absl::ParseTime("%Y-%m-%d", row.day, &start, &error);
  return is_day ? start : absl::UnixEpoch();
}

void AddCharge(absl::Time when, Money amount, UsageRow& row) {
  ++row.attempts;
  row.charged += amount;
  const int64_t hour = absl::ToInt64Hours(when - StartOf(row));
  // A late charge of an earlier hour counts for the day only.
  if (hour < row.hour) return;
  if (hour > row.hour) row.charged_in_hour = Money();
  row.hour = hour;
  row.charged_in_hour += amount;
}

Spending SpendingOf(const UsageRow& row) {
  const absl::Time day = StartOf(row);
  return {row.caller,
          row.model,
          day,
          row.charged,
          day + absl::Hours(row.hour),
          row.charged_in_hour,
          row.app};
}

}  // namespace holysheep
