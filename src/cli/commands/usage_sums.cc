#include "cli/commands/usage_sums.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "policy/capped_sum.h"
#include "policy/money.h"

namespace holysheep::cli {
namespace {

// Adds one exact decimal to another; an empty one is zero.
absl::Status AddAmount(const std::string& more, std::string* sum) {
  Money amounts[2];
  const std::string* const texts[] = {&more, sum};
  for (int i = 0; i < 2; ++i) {
    if (texts[i]->empty()) continue;
    const absl::StatusOr<Money> amount = Money::ParseSigned(*texts[i]);
    if (!amount.ok()) {
      return absl::InternalError(
          absl::StrCat("the service reports a cost of \"", *texts[i], "\""));
    }
    amounts[i] = *amount;
  }
  *sum = (amounts[0] + amounts[1]).ToString();
  return absl::OkStatus();
}

void AddTokens(const pb::UsageTotals& more, pb::UsageTotals& sum) {
  const auto add = [](int64_t a, int64_t b) { return CappedSum(a, b); };
  sum.set_prompt_tokens(add(sum.prompt_tokens(), more.prompt_tokens()));
  sum.set_completion_tokens(
      add(sum.completion_tokens(), more.completion_tokens()));
  sum.set_total_tokens(add(sum.total_tokens(), more.total_tokens()));
  sum.set_cached_prompt_tokens(
      add(sum.cached_prompt_tokens(), more.cached_prompt_tokens()));
  sum.set_cache_write_tokens(
      add(sum.cache_write_tokens(), more.cache_write_tokens()));
  sum.set_reasoning_tokens(
      add(sum.reasoning_tokens(), more.reasoning_tokens()));
  sum.set_estimated(sum.estimated() || more.estimated());
}

absl::Status AddCost(const pb::Cost& more, pb::Cost& sum) {
  absl::Status status = AddAmount(more.total(), sum.mutable_total());
  status.Update(AddAmount(more.prompt(), sum.mutable_prompt()));
  status.Update(AddAmount(more.completion(), sum.mutable_completion()));
  status.Update(AddAmount(more.official(), sum.mutable_official()));
  status.Update(AddAmount(more.saved(), sum.mutable_saved()));
  sum.set_currency(more.currency());
  return status;
}

absl::Status Add(const pb::UsageRow& more, pb::UsageRow& sum) {
  sum.set_calls(sum.calls() + more.calls());
  sum.set_attempts(sum.attempts() + more.attempts());
  AddTokens(more.usage(), *sum.mutable_usage());
  absl::Status status = AddCost(more.cost(), *sum.mutable_cost());
  status.Update(AddAmount(more.unreported(), sum.mutable_unreported()));
  return status;
}

// A row with only the name that is summed up by.
pb::UsageRow NameOf(const pb::UsageRow& row, const std::string& by) {
  pb::UsageRow name;
  if (by == "day") {
    name.set_day(row.day());
  } else if (by == "model") {
    name.set_model(row.model());
  } else if (by == "caller") {
    name.set_caller(row.caller());
  } else {
    name.set_app(row.app());
    name.set_app_name(row.app_name());
  }
  return name;
}

}  // namespace

absl::StatusOr<pb::GetUsageResponse> SumUsage(const pb::GetUsageResponse& usage,
                                              const std::string& by) {
  std::map<std::string, pb::UsageRow> sums;
  for (const pb::UsageRow& row : usage.rows()) {
    const pb::UsageRow name = NameOf(row, by);
    const std::string key =
        absl::StrCat(name.day(), name.model(), name.caller(), name.app());
    absl::Status added = Add(row, sums.try_emplace(key, name).first->second);
    if (!added.ok()) return added;
  }
  pb::GetUsageResponse response;
  *response.mutable_total() = usage.total();
  for (auto& [key, row] : sums) *response.add_rows() = std::move(row);
  return response;
}

}  // namespace holysheep::cli
