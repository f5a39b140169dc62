#include "store/usage_ledger.h"

#include <iterator>
#include <utility>

#include "chat/answer.h"
#include "chat/attempt_stats.h"
#include "holysheep/node/v1/chat.pb.h"
#include "policy/capped_sum.h"

namespace holysheep {
// Invariants: `rows_` has at most kMaxRows rows with names that are not
// configured, plus, per day and caller, one with the model `other` for each
// known app, for no app and for the app `other`. The writer knows a row by its
// address, which std::map keeps, and hears of each change of it in the order of
// the changes, since it is called under the lock.

namespace {

// Days without leap seconds, as Unix time counts them.
constexpr int64_t kSecondsADay = 86'400;

// How many days with rows show that the clock is right, and how far they may be
// back; see UsageLedgerOptions::retain_days.
constexpr int kWitnesses = 3;
constexpr int64_t kLongestPause = 31;

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
    : retain_days_(options.retain_days), last_day_(DayOf(now)) {
  if (options.file != nullptr) {
    writer_ = std::make_unique<UsageWriter>(
        std::move(options.file), std::move(options.writer),
        std::move(options.syncer), std::move(options.on_trouble));
  }
  const std::lock_guard lock(mutex_);
  for (UsageRow& row : kept) {
    Key key(DayOf(StartOf(row)), row.model, row.caller, row.app);
    rows_.emplace(std::move(key), std::move(row));
  }
  DropOld(last_day_);
  CountMadeUp();
}

void UsageLedger::AddNames(const std::vector<std::string>& models,
                           const std::vector<std::string>& callers) {
  const std::lock_guard lock(mutex_);
  models_.insert(models.begin(), models.end());
  callers_.insert(callers.begin(), callers.end());
  CountMadeUp();
}

bool UsageLedger::IsKnownApp(absl::string_view app) const {
  return app.empty() || app == "other" || known_apps_.contains(app);
}

bool UsageLedger::IsMadeUp(absl::string_view model, absl::string_view caller,
                           absl::string_view app) const {
  return !models_.contains(model) || !callers_.contains(caller) ||
         !IsKnownApp(app);
}

void UsageLedger::CountMadeUp() {
  made_up_ = 0;
  for (const auto& [key, row] : rows_) {
    if (IsMadeUp(row.model, row.caller, row.app)) ++made_up_;
  }
}

UsageRow& UsageLedger::RowFor(absl::Time when, absl::string_view model,
                              absl::string_view caller, absl::string_view app) {
  const int64_t day = DayOf(when);
  if (day > last_day_) {
    last_day_ = day;
    DropOld(day);
  }
  KeyView key(day, std::string_view(model.data(), model.size()),
              std::string_view(caller.data(), caller.size()),
              std::string_view(app.data(), app.size()));
  auto found = rows_.find(key);
  if (found != rows_.end()) return found->second;
  if (made_up_ >= kMaxAppRows && !IsKnownApp(app)) {
    std::get<3>(key) = "other";
    found = rows_.find(key);
    if (found != rows_.end()) return found->second;
    app = "other";
  }
  if (IsMadeUp(model, caller, app)) {
    if (made_up_ < kMaxRows) {
      ++made_up_;
    } else {
      std::get<1>(key) = "other";
    }
  }
  UsageRow& row = rows_[Key(key)];
  row.day = NameOfDay(day);
  row.model = std::string(std::get<1>(key));
  row.caller = std::string(caller);
  row.app = std::string(std::get<3>(key));
  return row;
}

UsageLedger::Map::const_iterator UsageLedger::From(int64_t day) const {
  return rows_.lower_bound(KeyView(day, "", "", ""));
}

// Rows of a wrong clock's future are no reason to drop anything: days count up
// to `today` only.
void UsageLedger::DropOld(int64_t today) {
  if (retain_days_ == 0) return;
  int64_t witness = today + 1;
  for (int seen = 0; seen < kWitnesses; ++seen) {
    const auto next = From(witness);
    if (next == rows_.begin()) return;
    witness = std::get<0>(std::prev(next)->first);
  }
  const bool believed = today - witness <= kLongestPause;
  const int64_t day = (believed ? today : witness) - retain_days_;
  const auto kept = From(day);
  if (kept == rows_.begin()) return;
  rows_.erase(rows_.cbegin(), kept);
  CountMadeUp();
  if (writer_ != nullptr) writer_->RemoveBefore(NameOfDay(day));
}

void UsageLedger::SetKnownApps(absl::flat_hash_set<std::string> apps) {
  const std::lock_guard lock(mutex_);
  known_apps_ = std::move(apps);
  CountMadeUp();
}

void UsageLedger::Add(absl::Time arrived, const Charge& charge) {
  const std::lock_guard lock(mutex_);
  UsageRow& row = RowFor(arrived, charge.model, charge.caller, charge.app);
  AddCharge(arrived, charge.total, row);
  if (writer_ != nullptr) writer_->Put(row);
}

void UsageLedger::Record(const CallRecord& call) {
  if (call.answer == nullptr) return;
  const ChatRequest& request = call.request;
  const std::lock_guard lock(mutex_);
  UsageRow& row =
      RowFor(request.arrived, ModelOf(request), request.caller->name,
             request.message->caller().app_id());
  AddAnswer(*call.answer, row);
  if (writer_ != nullptr) writer_->Put(row);
}

bool UsageLedger::IsKept() const {
  return writer_ == nullptr || writer_->IsKept();
}

void UsageLedger::WhenKept(Task then) {
  writer_ == nullptr ? then() : writer_->WhenKept(std::move(then));
}

bool UsageLedger::HasRoom() const {
  return writer_ == nullptr || writer_->HasRoom();
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
