#include "store/usage_writer.h"

#include <algorithm>

namespace holysheep {
// Invariants: a row that differs from the file's is in `rows_` or in the task
// that writes. A task is scheduled if `rows_` or `remove_before_` has something
// that the file has not refused yet. Nobody in `waiting_` waits for a number up
// to `asked_`. The file and the waiting are called without the lock.

UsageWriter::UsageWriter(std::unique_ptr<UsageFile> file,
                         std::unique_ptr<Worker> writer,
                         std::unique_ptr<Worker> syncer,
                         std::function<void(const absl::Status&)> on_trouble)
    : file_(std::move(file)),
      on_trouble_(std::move(on_trouble)),
      syncer_(std::move(syncer)),
      writer_(std::move(writer)) {}

UsageWriter::~UsageWriter() {
  // Tasks that wait are dropped, those that run are waited for.
  writer_.reset();
  syncer_.reset();
  Write();
}

void UsageWriter::Put(const UsageRow& row) {
  const std::lock_guard lock(mutex_);
  ++put_;
  rows_.insert_or_assign(&row, row);
  Schedule();
}

void UsageWriter::RemoveBefore(std::string day) {
  const std::lock_guard lock(mutex_);
  std::erase_if(rows_,
                [&day](const auto& row) { return row.second.day < day; });
  remove_before_ = std::max(remove_before_, std::move(day));
  Schedule();
}

void UsageWriter::Schedule() {
  if (scheduled_) return;
  scheduled_ = true;
  writer_->Run([this] { Write(); });
}

bool UsageWriter::IsKept() const {
  const std::lock_guard lock(mutex_);
  return asked_ == put_;
}

void UsageWriter::WhenKept(Task then) {
  {
    const std::lock_guard lock(mutex_);
    if (asked_ != put_) {
      waiting_.emplace_back(put_, std::move(then));
      return;
    }
  }
  then();
}

bool UsageWriter::HasRoom() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size() < kMaxWaiting;
}

void UsageWriter::Write() {
  Rows rows;
  std::string remove_before;
  int64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    rows.swap(rows_);
    remove_before.swap(remove_before_);
    number = put_;
    scheduled_ = false;
  }
  const absl::Status status = WriteToFile(remove_before, rows);
  Report(status);
  std::vector<Task> kept;
  {
    const std::lock_guard lock(mutex_);
    if (!status.ok()) TakeBack(std::move(remove_before), std::move(rows));
    asked_ = number;
    kept = TakeWaiting(number);
    if (status.ok() && syncer_ != nullptr && file_->WantsCheckpoint() &&
        !std::exchange(syncing_, true)) {
      syncer_->Run([this] { Sync(); });
    }
  }
  for (Task& then : kept) then();
}

void UsageWriter::Sync() {
  Report(file_->Checkpoint());
  const std::lock_guard lock(mutex_);
  syncing_ = false;
}

absl::Status UsageWriter::WriteToFile(const std::string& remove_before,
                                      const Rows& rows) {
  if (!remove_before.empty()) {
    absl::Status status = file_->RemoveBefore(remove_before);
    if (!status.ok()) return status;
  }
  if (rows.empty()) return absl::OkStatus();
  std::vector<UsageRow> all;
  all.reserve(rows.size());
  for (const auto& [place, row] : rows) all.push_back(row);
  return file_->WriteAll(all);
}

void UsageWriter::TakeBack(std::string remove_before, Rows rows) {
  rows_.merge(std::move(rows));
  remove_before_ = std::max(remove_before_, std::move(remove_before));
  std::erase_if(rows_, [this](const auto& row) {
    return row.second.day < remove_before_;
  });
}

std::vector<UsageWriter::Task> UsageWriter::TakeWaiting(int64_t number) {
  std::vector<Task> taken;
  while (!waiting_.empty() && waiting_.front().first <= number) {
    taken.push_back(std::move(waiting_.front().second));
    waiting_.pop_front();
  }
  return taken;
}

// Reported once: a full disk would otherwise fill the log with a line for each
// call.
void UsageWriter::Report(const absl::Status& status) {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(in_trouble_, !status.ok()) || status.ok()) return;
  }
  on_trouble_(status);
}

}  // namespace holysheep
