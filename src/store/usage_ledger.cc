#include "store/usage_ledger.h"

#include <utility>

#include "chat/answer.h"
#include "chat/attempt_stats.h"
#include "holysheep/node/v1/chat.pb.h"
#include "policy/capped_sum.h"

namespace holysheep {
// Invariants: `rows_` has at most kMaxRows rows plus, per day and caller, one
// with the model `other` for each known app, for no app and for the app
// `other`; none is older than the bound. `unsaved_` points only into `rows_`
// (std::map keeps the addresses), and a row is taken out of it when the file
// has exactly its present state. With a file that works, `unsaved_` is empty
// between two calls.

namespace {

// Days without leap seconds, as Unix time counts them.
constexpr int64_t kSecondsADay = 86'400;

int64_t DayOf(absl::Time when) {
  return absl::ToUnixSeconds(when) / kSecondsADay;
}

std::string NameOfDay(int64_t day) {
  return absl::FormatTime("%Y-%m-%d", absl::FromUnixSeconds(day * kSecondsADay),
                          absl::UTCTimeZone());
}

// The model that gave the answer, which differs from the request's after a
// fallback.
const std::string& ModelOf(const ChatRequest& request) {
  const AttemptStats* stats = request.attempt_stats.get();
  return stats != nullptr && !stats->model.empty() ? stats->model
                                                   : request.model();
}

void AddTokens(const pb::Usage& usage, UsageRow& row) {
  const auto add = [](int64_t& sum, int32_t more) {
    sum = CappedSum<int64_t>(sum, more);
  };
  add(row.prompt_tokens, usage.prompt_tokens());
  add(row.completion_tokens, usage.completion_tokens());
  add(row.total_tokens, usage.total_tokens());
  add(row.cached_prompt_tokens, usage.cached_prompt_tokens());
  add(row.cache_write_tokens, usage.cache_write_tokens());
  add(row.reasoning_tokens, usage.reasoning_tokens());
}

void AddAnswer(const Answer& answer, UsageRow& row) {
  const pb::Usage& usage = answer.response.usage();
  ++row.calls;
  AddTokens(usage, row);
  row.estimated = row.estimated || usage.estimated();
  if (!answer.cost.has_value()) return;
  row.total += answer.cost->total;
  row.prompt += answer.cost->prompt;
  row.completion += answer.cost->completion;
  row.official += answer.cost->official;
  row.saved += answer.cost->saved;
}

}  // namespace

UsageLedger::UsageLedger(UsageLedgerOptions options, std::vector<UsageRow> kept,
                         absl::Time now)
    : options_(std::move(options)), last_day_(DayOf(now)) {
  const std::lock_guard lock(mutex_);
  for (UsageRow& row : kept) {
    Key key(DayOf(StartOf(row)), row.model, row.caller, row.app);
    rows_.emplace(std::move(key), std::move(row));
  }
  DropBefore(last_day_ - options_.retain_days);
}

UsageLedger::~UsageLedger() {
  const std::lock_guard lock(mutex_);
  static_cast<void>(Flush());  // An error cannot be reported any more.
}

UsageRow& UsageLedger::RowFor(absl::Time when, absl::string_view model,
                              absl::string_view caller, absl::string_view app) {
  const int64_t day = DayOf(when);
  if (day > last_day_) {
    last_day_ = day;
    DropBefore(day - options_.retain_days);
  }
  KeyView key(day, std::string_view(model.data(), model.size()),
              std::string_view(caller.data(), caller.size()),
              std::string_view(app.data(), app.size()));
  auto found = rows_.find(key);
  if (found != rows_.end()) return found->second;
  if (rows_.size() >= kMaxAppRows && !app.empty() &&
      !known_apps_.contains(app)) {
    std::get<3>(key) = "other";
    found = rows_.find(key);
    if (found != rows_.end()) return found->second;
  }
  if (rows_.size() >= kMaxRows) std::get<1>(key) = "other";
  UsageRow& row = rows_[Key(key)];
  row.day = NameOfDay(day);
  row.model = std::string(std::get<1>(key));
  row.caller = std::string(caller);
  row.app = std::string(std::get<3>(key));
  return row;
}

void UsageLedger::DropBefore(int64_t day) {
  if (options_.retain_days == 0) return;
  const auto kept = rows_.lower_bound(KeyView(day, "", "", ""));
  if (kept == rows_.begin()) return;
  for (auto row = rows_.begin(); row != kept; ++row) {
    unsaved_.erase(&row->second);
  }
  rows_.erase(rows_.begin(), kept);
  if (options_.file == nullptr) return;
  // If this fails, the rows stay in the file until the next day begins.
  const absl::Status status = options_.file->RemoveBefore(NameOfDay(day));
  if (!status.ok()) options_.on_trouble(status);
}

// Reported once: a full disk would otherwise fill the log with a line for each
// call.
void UsageLedger::Save(const UsageRow& row) {
  if (options_.file == nullptr) return;
  const bool in_trouble = !unsaved_.empty();
  unsaved_.insert(&row);
  const absl::Status status = Flush();
  if (!status.ok() && !in_trouble) options_.on_trouble(status);
}

// Stops at the first failure; the rest would most likely fail as well, and
// callers wait meanwhile.
absl::Status UsageLedger::Flush() {
  while (!unsaved_.empty()) {
    absl::Status status = options_.file->Write(**unsaved_.begin());
    if (!status.ok()) return status;
    unsaved_.erase(unsaved_.begin());
  }
  return absl::OkStatus();
}

void UsageLedger::SetKnownApps(absl::flat_hash_set<std::string> apps) {
  const std::lock_guard lock(mutex_);
  known_apps_ = std::move(apps);
}

void UsageLedger::Add(absl::Time arrived, const Charge& charge) {
  const std::lock_guard lock(mutex_);
  UsageRow& row = RowFor(arrived, charge.model, charge.caller, charge.app);
  AddCharge(arrived, charge.total, row);
  Save(row);
}

void UsageLedger::Record(const CallRecord& call) {
  if (call.answer == nullptr) return;
  const ChatRequest& request = call.request;
  const std::lock_guard lock(mutex_);
  UsageRow& row =
      RowFor(request.arrived, ModelOf(request), request.caller->name,
             request.message->caller().app_id());
  AddAnswer(*call.answer, row);
  Save(row);
}

std::vector<UsageRow> UsageLedger::Rows() const {
  const std::lock_guard lock(mutex_);
  std::vector<UsageRow> rows;
  rows.reserve(rows_.size());
  for (const auto& [key, row] : rows_) rows.push_back(row);
  return rows;
}

absl::StatusOr<std::unique_ptr<UsageLedger>> OpenUsageLedger(
    UsageLedgerOptions options, absl::Time now) {
  std::vector<UsageRow> kept;
  if (options.file != nullptr) {
    absl::StatusOr<std::vector<UsageRow>> rows = options.file->ReadAll();
    if (!rows.ok()) return rows.status();
    kept = *std::move(rows);
  }
  return std::make_unique<UsageLedger>(std::move(options), std::move(kept),
                                       now);
}

}  // namespace holysheep
