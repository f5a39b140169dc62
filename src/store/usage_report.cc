#include "store/usage_report.h"

#include "base/errors.h"
#include "chat/cost.h"
#include "holysheep/node/v1/node.pb.h"
#include "policy/capped_sum.h"

namespace holysheep {
// Days are compared as text, which is right for YYYY-MM-DD; CheckDay therefore
// insists on ten characters.

namespace {

absl::Status CheckDay(absl::string_view field, const std::string& day) {
  constexpr size_t kLength = 10;
  if (day.empty()) return absl::OkStatus();
  absl::Time parsed;
  std::string error;
  if (day.size() == kLength &&
      absl::ParseTime("%Y-%m-%d", day, &parsed, &error)) {
    return absl::OkStatus();
  }
  return InvalidField(field, "must be a day such as 2026-03-31");
}

bool IsWanted(const UsageRow& row, const pb::GetUsageRequest& request) {
  const auto is = [](const std::string& wanted, const std::string& value) {
    return wanted.empty() || wanted == value;
  };
  return (request.from_day().empty() || row.day >= request.from_day()) &&
         (request.to_day().empty() || row.day <= request.to_day()) &&
         is(request.model(), row.model) && is(request.caller(), row.caller);
}

// The hour of the last charge has no meaning in a sum and is left out.
void Add(const UsageRow& row, UsageRow& sum) {
  sum.calls += row.calls;
  for (int64_t UsageRow::*const count :
       {&UsageRow::prompt_tokens, &UsageRow::completion_tokens,
        &UsageRow::total_tokens, &UsageRow::cached_prompt_tokens,
        &UsageRow::cache_write_tokens, &UsageRow::reasoning_tokens}) {
    sum.*count = CappedSum(sum.*count, row.*count);
  }
  sum.estimated = sum.estimated || row.estimated;
  sum.total += row.total;
  sum.prompt += row.prompt;
  sum.completion += row.completion;
  sum.official += row.official;
  sum.saved += row.saved;
  sum.attempts += row.attempts;
  sum.charged += row.charged;
}

void Write(const UsageRow& row, pb::UsageRow& out) {
  out.set_day(row.day);
  out.set_model(row.model);
  out.set_caller(row.caller);
  out.set_calls(row.calls);
  pb::UsageTotals& usage = *out.mutable_usage();
  usage.set_prompt_tokens(row.prompt_tokens);
  usage.set_completion_tokens(row.completion_tokens);
  usage.set_total_tokens(row.total_tokens);
  usage.set_cached_prompt_tokens(row.cached_prompt_tokens);
  usage.set_cache_write_tokens(row.cache_write_tokens);
  usage.set_reasoning_tokens(row.reasoning_tokens);
  usage.set_estimated(row.estimated);
  WriteCost(
      {row.total, row.prompt, row.completion, row.official, row.saved, {}},
      *out.mutable_cost());
  out.set_attempts(row.attempts);
  // Charges that no answer reports, such as those of failed attempts.
  out.set_unreported((row.charged - row.total).ToString());
}

}  // namespace

absl::StatusOr<pb::GetUsageResponse> ReportUsage(
    const UsageLedger& ledger, const pb::GetUsageRequest& request) {
  absl::Status good = CheckDay("from_day", request.from_day());
  good.Update(CheckDay("to_day", request.to_day()));
  if (!good.ok()) return good;
  pb::GetUsageResponse response;
  UsageRow total;
  for (const UsageRow& row : ledger.Rows()) {
    if (!IsWanted(row, request)) continue;
    Add(row, total);
    Write(row, *response.add_rows());
  }
  Write(total, *response.mutable_total());
  return response;
}

}  // namespace holysheep
