#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"

namespace holysheep {

// Writes lines to a file descriptor from a thread of its own, so that nobody
// waits for whoever reads them. Keeps at most so many bytes; then the older
// half of the lines makes room and is counted. Thread-safe.
class LineQueue {
 public:
  LineQueue(int descriptor, size_t max_bytes);
  // Writes what is left, unless the reader does not take it for a second.
  ~LineQueue();

  // Adds a line, and its end.
  void Push(absl::string_view line);

  // Lines that made room.
  int64_t dropped() const;

 private:
  void Work();
  void MakeRoom() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Write(absl::string_view lines);
  bool IsWritable();

  const int descriptor_;
  // How much may be written at once without blocking once the reader is ready.
  const size_t chunk_;
  const size_t max_bytes_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string lines_ ABSL_GUARDED_BY(mutex_);
  int64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;
  bool idle_ ABSL_GUARDED_BY(mutex_) = false;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread writer_;
};

}  // namespace holysheep
