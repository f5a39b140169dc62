#include "cli/batch/batch_run.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace holysheep::cli {
// Invariants: `open_` has an entry for each item that was sent and not
// answered, by its number in the stream; only it and `sent_` are shared by the
// two threads. A result is counted after it has been written.

namespace {

// Bounds the work that is lost if the machine fails.
constexpr absl::Duration kSyncEvery = absl::Seconds(1);

// The reason that a service gives for items that it has not begun when it shuts
// down.
constexpr absl::string_view kDraining = "DRAINING";

}  // namespace

bool RemainingItems::Next(pb::BatchItem& item, int64_t& index) {
  while (auto record = reader_.Next()) {
    if (!record->item.ok()) continue;
    ++index_;
    const std::string& id = record->item->id();
    if (finished_.answered.Contains(id)) continue;
    if (!retry_errors_ && finished_.failed.Contains(id)) continue;
    item = *std::move(record->item);
    columns_ = reader_.columns().OwnCells(record->cells);
    index = index_;
    return true;
  }
  return false;
}

// Numbers the item as the service does, by its position in the stream.
bool BatchRun::Next(pb::BatchItem& item) {
  int64_t index = 0;
  if (!parts_.items.Next(item, index)) return false;
  const std::lock_guard lock(mutex_);
  open_.emplace(sent_++, OpenItem{index, parts_.items.columns()});
  return true;
}

std::optional<BatchRun::OpenItem> BatchRun::Take(int64_t sent) {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(sent);
  if (found == open_.end()) return std::nullopt;
  OpenItem item = std::move(found->second);
  open_.erase(found);
  return item;
}

bool BatchRun::OnResult(const pb::BatchResult& result) {
  // The item counts as not done rather than failed, so that --resume asks
  // again.
  if (result.error().reason() == kDraining) return true;
  const std::optional<OpenItem> item = Take(result.index());
  if (!item) {
    written_ = absl::InternalError("the service answered what was not asked");
    return false;
  }
  pb::BatchResult line = result;
  line.set_index(item->index);
  written_ = parts_.output.Append(line, item->columns);
  if (!written_.ok()) return false;
  tally_.Add(line);
  const absl::Time now = absl::Now();
  if (parts_.progress != nullptr) parts_.progress->Show(tally_, now);
  if (now - synced_ < kSyncEvery) return true;
  synced_ = now;
  written_ = parts_.output.Sync();
  return written_.ok();
}

// The last sync comes before any verdict, so that results are safe also if the
// stream has failed.
absl::Status BatchRun::Finish(const absl::Status& stream) {
  if (!written_.ok()) return written_;
  absl::Status synced = parts_.output.Sync();
  if (!synced.ok() || !stream.ok()) return synced;
  const std::lock_guard lock(mutex_);
  if (open_.empty()) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("the service left ", open_.size(), " items unanswered"));
}

}  // namespace holysheep::cli
