#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/sqlite.h"

namespace holysheep {

// The write-ahead log of the ledger's file, and its checkpoints: they wait for
// the disk while another connection, the writer, goes on. The writer never
// waits for the disk itself (`synchronous = OFF`), and the file stays whole
// after a power cut all the same, because the log is not begun again but cut
// off, and only here, once all of it is in the table and on the disk.
class UsageLog {
 public:
  // From this length, in pages of 4 KiB, a checkpoint is due: 4 MiB.
  static constexpr int64_t kLong = 1'000;
  // From this one the writer waits for it, so that the log ends: 64 MiB. A
  // shorter one is cut off at a moment without writes, or when the disk is
  // quick.
  static constexpr int64_t kTooLong = 16'000;

  // Opens the connections for checkpoints. The errors are those of
  // sqlite::Open.
  static absl::StatusOr<std::unique_ptr<UsageLog>> Open(
      const std::string& path);

  // Learns from now on what the writer's connection adds. It makes no
  // checkpoints of its own any more.
  void Watch(sqlite3* writer);
  // Held by the writer during each transaction.
  std::mutex& turn() { return turn_; }

  // Whether a checkpoint is due. Thread-safe.
  bool IsLong() const { return pages_ >= due_; }
  // A checkpoint. On one thread at a time, which must not be the writer's while
  // that writes. Blocks for the disk.
  absl::Status Shorten();

 private:
  UsageLog(sqlite::Database mover, sqlite::Database reader)
      : mover_(std::move(mover)), reader_(std::move(reader)) {}
  // Moves what is in the log to the table. Returns its length in pages.
  absl::StatusOr<int64_t> Move(int mode);

  const sqlite::Database mover_;
  // Its open transaction keeps the writer from beginning the log again.
  const sqlite::Database reader_;
  std::mutex turn_;
  std::atomic<int64_t> pages_ = 0;
  // The length from which the next checkpoint is due.
  std::atomic<int64_t> due_ = kLong;
  std::atomic<int64_t> commits_ = 0;
};

}  // namespace holysheep
