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

// Writes lines to a file descriptor on a thread of its own, so that no caller
// waits for the reader of the log. Holds at most `max_bytes`; when they are
// exceeded, the older half of the lines is dropped and counted. Thread-safe.
// Lines that follow each other within 10 ms are written together.
class LineQueue {
 public:
  // `descriptor` is not owned, and may be blocking. Starts the thread. A
  // regular file, a pipe and a terminal will do.
  LineQueue(int descriptor, size_t max_bytes);
  // Writes the remaining lines, but waits at most a second for a reader that is
  // stuck.
  ~LineQueue();

  // Adds `line` and a line end. Never blocks on the reader. `line` is copied
  // and must not contain a line end.
  void Push(absl::string_view line);

  // The number of lines that were dropped. Since the start. Lines that a write
  // error has lost are not counted.
  int64_t dropped() const;

 private:
  // Runs on the writer's thread.
  void Work();
  // Drops the older half, up to a line end.
  void MakeRoom() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Gives up on an error, and at the end on a reader that is stuck.
  void Write(absl::string_view lines);
  // Waits until a chunk can be written.
  bool IsWritable();

  const int descriptor_;
  // The number of bytes that can be written without blocking once poll reports
  // the descriptor as writable.
  const size_t chunk_;
  const size_t max_bytes_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Whole lines that wait, each with its end.
  std::string lines_ ABSL_GUARDED_BY(mutex_);
  int64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;
  // Whether the writer sleeps and has to be woken.
  bool idle_ ABSL_GUARDED_BY(mutex_) = false;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread writer_;
};

}  // namespace holysheep
