#include "store/usage_ledger.h"

#include <functional>

#include "absl/strings/strip.h"
#include "chat/effort.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

constexpr int64_t kSecondsADay = 86'400;

int64_t DayOf(absl::Time when) {
  return absl::ToUnixSeconds(when) / kSecondsADay;
}

std::string NameOfDay(int64_t day) {
  return absl::FormatTime("%Y-%m-%d", absl::FromUnixSeconds(day * kSecondsADay),
                          absl::UTCTimeZone());
}

// An amount that this service wrote; a difference may be negative.
Money Amount(absl::string_view text) {
  const bool negative = absl::ConsumePrefix(&text, "-");
  const Money amount = Money::Parse(text).value_or(Money());
  return negative ? Money() - amount : amount;
}

// What the answer was asked of, which is another model after a fallback.
const std::string& ModelOf(const ChatRequest& request) {
  const Effort* effort = request.effort.get();
  return effort != nullptr && !effort->model.empty() ? effort->model
                                                     : request.model;
}

void AddAnswer(const pb::InvokeResponse& response, UsageLedger::Row& row) {
  const pb::Usage& usage = response.usage();
  ++row.calls;
  row.prompt_tokens += usage.prompt_tokens();
  row.completion_tokens += usage.completion_tokens();
  row.total_tokens += usage.total_tokens();
  row.cached_prompt_tokens += usage.cached_prompt_tokens();
  row.reasoning_tokens += usage.reasoning_tokens();
  row.estimated = row.estimated || usage.estimated();
  const pb::Cost& cost = response.cost();
  row.total += Amount(cost.total());
  row.prompt += Amount(cost.prompt());
  row.completion += Amount(cost.completion());
  row.official += Amount(cost.official());
  row.saved += Amount(cost.saved());
}

}  // namespace

UsageLedger::Row& UsageLedger::RowFor(absl::Time when, absl::string_view model,
                                      absl::string_view caller) {
  using View = std::tuple<int64_t, std::string_view, std::string_view>;
  const int64_t day = DayOf(when);
  View key(day, std::string_view(model.data(), model.size()),
           std::string_view(caller.data(), caller.size()));
  auto found = rows_.find(key);
  if (found != rows_.end()) return found->second;
  if (rows_.size() >= kMaxRows) std::get<1>(key) = "other";
  Row& row = rows_[Key(key)];
  row.day = NameOfDay(day);
  row.model = std::string(std::get<1>(key));
  row.caller = std::string(caller);
  return row;
}

void UsageLedger::Add(absl::Time arrived, const Charge& charge) {
  const std::lock_guard lock(mutex_);
  Row& row = RowFor(arrived, charge.model, charge.caller);
  ++row.attempts;
  row.charged += charge.total;
}

void UsageLedger::Record(const CallRecord& call) {
  if (call.response == nullptr) return;
  const ChatRequest& request = call.request;
  const std::lock_guard lock(mutex_);
  AddAnswer(*call.response,
            RowFor(request.arrived, ModelOf(request), request.caller->name));
}

std::vector<UsageLedger::Row> UsageLedger::Rows() const {
  const std::lock_guard lock(mutex_);
  std::vector<Row> rows;
  rows.reserve(rows_.size());
  for (const auto& [key, row] : rows_) rows.push_back(row);
  return rows;
}

}  // namespace holysheep
