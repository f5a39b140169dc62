#include "store/usage_row.h"

namespace holysheep {

absl::Time StartOf(const UsageRow& row) {
  absl::Time start;
  std::string error;
  const bool is_day = absl::ParseTime("%Y-%m-%d", row.day, &start, &error);
  return is_day ? start : absl::UnixEpoch();
}

}  // namespace holysheep
