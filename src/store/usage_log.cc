#include "store/usage_log.h"

#include <sqlite3.h>

#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace holysheep {
// Why the log is cut off rather than written from its beginning again, as
// SQLite does by itself: the old pages behind the new ones would be valid until
// the new head is on the disk, and after a power cut an old beginning of the
// log would be put over a newer table. SQLite therefore waits for the disk at
// the first write of each round. A file that was cut off is either whole after
// a power cut, and then the table has all of it, or has no old pages. While the
// table gets the log, `reader_` has a transaction open, so that the writer does
// not find all of it moved and begin a new round.

namespace {

// A disk that took a checkpoint within this time may hold up the writer for
// another one.
constexpr absl::Duration kQuick = absl::Milliseconds(10);

}  // namespace

absl::StatusOr<std::unique_ptr<UsageLog>> UsageLog::Open(
    const std::string& path) {
  auto mover = sqlite::Open(path);
  if (!mover.ok()) return mover.status();
  auto reader = sqlite::Open(path);
  if (!reader.ok()) return reader.status();
  return std::unique_ptr<UsageLog>(
      new UsageLog(*std::move(mover), *std::move(reader)));
}

void UsageLog::Watch(sqlite3* writer) {
  const auto note = [](void* log, sqlite3*, const char*, int pages) {
    static_cast<UsageLog*>(log)->pages_ = pages;
    ++static_cast<UsageLog*>(log)->commits_;
    return SQLITE_OK;
  };
  sqlite3_wal_hook(writer, note, this);
}

absl::StatusOr<int64_t> UsageLog::Move(int mode) {
  int pages = 0;
  int moved = 0;
  const int code =
      sqlite3_wal_checkpoint_v2(mover_.get(), nullptr, mode, &pages, &moved);
  if (code != SQLITE_OK) return sqlite::Complaint(mover_.get());
  return pages;
}

absl::Status UsageLog::Shorten() {
  due_ = pages_ + kLong;
  const int64_t before = commits_;
  const absl::Time begun = absl::Now();
  absl::Status status =
      sqlite::Run(reader_.get(), "BEGIN; SELECT 1 FROM usage LIMIT 1");
  if (!status.ok()) return status;
  const absl::StatusOr<int64_t> pages = Move(SQLITE_CHECKPOINT_PASSIVE);
  const bool quick = absl::Now() - begun < kQuick;
  const std::lock_guard turn(turn_);
  status = sqlite::Run(reader_.get(), "COMMIT");
  if (!pages.ok()) return pages.status();
  if (!status.ok()) return status;
  if (!quick && commits_ != before && *pages < kTooLong) return status;
  status = Move(SQLITE_CHECKPOINT_TRUNCATE).status();
  if (status.ok()) {
    pages_ = 0;
    due_ = kLong;
  }
  return status;
}

}  // namespace holysheep
