#include "store/usage_ledger.h"

namespace holysheep {

void UsageLedger::Add(absl::Time when, const Charge& charge) {
  const std::string day =
      absl::FormatTime("%Y-%m-%d", when, absl::UTCTimeZone());
  Key key(day, charge.model, charge.caller);
  if (rows_.size() >= kMaxRows && rows_.find(key) == rows_.end()) {
    std::get<1>(key) = "other";
  }
  Row& row = rows_[key];
  std::tie(row.day, row.model, row.caller) = key;
  ++row.attempts;
  row.prompt_tokens += charge.prompt_tokens;
  row.completion_tokens += charge.completion_tokens;
  row.cached_prompt_tokens += charge.cached_prompt_tokens;
  row.total += charge.total;
  row.official += charge.official;
}

std::vector<UsageLedger::Row> UsageLedger::Rows() const {
  std::vector<Row> rows;
  rows.reserve(rows_.size());
  for (const auto& [key, row] : rows_) rows.push_back(row);
  return rows;
}

}  // namespace holysheep
