#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "base/worker.h"
#include "store/usage_file.h"

namespace holysheep {

// Writes rows to the ledger's file on a thread of its own, so that only those
// wait for the disk whose answers must not go out before. Rows that come while
// others are being written are written together next, each once, in its latest
// state. So what waits is bounded: a copy of each row of the ledger, and
// kMaxWaiting answers. Thread-safe.
class UsageWriter {
 public:
  using Task = absl::AnyInvocable<void()>;

  // While this many answers wait, new calls are refused: see HasRoom.
  static constexpr size_t kMaxWaiting = 10'000;

  // `file` is used by a task of `writer` at a time, `writer` has one thread.
  // `syncer` makes the checkpoints, which wait for the disk. `on_trouble` is
  // called on their threads when the file could not be written, once until it
  // can be again; what was not written then is written with the next row.
  UsageWriter(std::unique_ptr<UsageFile> file, std::unique_ptr<Worker> writer,
              std::unique_ptr<Worker> syncer,
              std::function<void(const absl::Status&)> on_trouble);
  // Blocks until everything is written, or the file has refused it.
  ~UsageWriter();

  // Has the row written soon. Its address says which one it is: another row at
  // the same place replaces it. Never blocks for the disk.
  void Put(const UsageRow& row);
  // Has the rows of earlier days removed from the file, also those that wait.
  void RemoveBefore(std::string day);

  // Whether everything put so far is in the file, or was refused by it.
  bool IsKept() const;
  // Calls `then` as soon as that is so: at once, or on the writer's thread. A
  // file that refuses holds nobody up.
  void WhenKept(Task then);
  // False if too many wait for the disk: a call that begins now would join
  // them.
  bool HasRoom() const;

 private:
  using Rows = std::map<const UsageRow*, UsageRow>;

  void Schedule() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Writes all that is there. Runs where `file_` may be used.
  void Write();
  void Sync();
  absl::Status WriteToFile(const std::string& remove_before, const Rows& rows);
  // Takes back what was not written, unless there is a later state of it.
  void TakeBack(std::string remove_before, Rows rows)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Returns those who have waited for what was put up to `number`.
  std::vector<Task> TakeWaiting(int64_t number)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Report(const absl::Status& status);

  const std::unique_ptr<UsageFile> file_;
  const std::function<void(const absl::Status&)> on_trouble_;
  mutable std::mutex mutex_;
  Rows rows_ ABSL_GUARDED_BY(mutex_);
  // The day before which rows are to be removed; empty if none are.
  std::string remove_before_ ABSL_GUARDED_BY(mutex_);
  // What was put, counted, and up to which of it the file was asked.
  int64_t put_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t asked_ ABSL_GUARDED_BY(mutex_) = 0;
  // In the order of their numbers.
  std::deque<std::pair<int64_t, Task>> waiting_ ABSL_GUARDED_BY(mutex_);
  // Whether a task will write, and whether one makes a checkpoint.
  bool scheduled_ ABSL_GUARDED_BY(mutex_) = false;
  bool syncing_ ABSL_GUARDED_BY(mutex_) = false;
  bool in_trouble_ ABSL_GUARDED_BY(mutex_) = false;
  // Destroyed before all that their tasks use.
  std::unique_ptr<Worker> syncer_;
  std::unique_ptr<Worker> writer_;
};

}  // namespace holysheep
