#include "telemetry/line_queue.h"

#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

namespace holysheep {
// Invariants: `lines_` always holds whole lines and is written in order; what
// the writer has taken out is never dropped. `idle_` is set only while the
// writer waits with an empty queue, so that exactly the first Push after that
// wakes it. The mutex is never held during a write or poll.

namespace {

// Lines that arrive within this time are written together, which costs a
// fraction of writing each: the line of a cache hit should not cost more than
// the hit.
constexpr std::chrono::milliseconds kGather(10);
// A wait of 100 ms at a time, so that the end of the queue is noticed; 10 of
// them make the second that the destructor waits at most.
constexpr int kPollMillis = 100;
constexpr int kPollsAtTheEnd = 10;

// POSIX guarantees PIPE_BUF for pipes; a file never blocks.
size_t ChunkOf(int descriptor) {
  struct stat status = {};
  const bool file = fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
  return file ? size_t{1} << 20 : PIPE_BUF;
}

}  // namespace

LineQueue::LineQueue(int descriptor, size_t max_bytes)
    : descriptor_(descriptor),
      chunk_(ChunkOf(descriptor)),
      max_bytes_(max_bytes),
      writer_([this] { Work(); }) {}

LineQueue::~LineQueue() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  writer_.join();
}

void LineQueue::Push(absl::string_view line) {
  bool wake;
  {
    const std::lock_guard lock(mutex_);
    lines_.append(line.data(), line.size());
    lines_.push_back('\n');
    if (lines_.size() > max_bytes_) MakeRoom();
    wake = std::exchange(idle_, false);
  }
  if (wake) changed_.notify_all();
}

void LineQueue::MakeRoom() {
  const size_t end = lines_.find('\n', lines_.size() / 2) + 1;
  dropped_ += std::count(lines_.begin(), lines_.begin() + ptrdiff_t(end), '\n');
  lines_.erase(0, end);
}

int64_t LineQueue::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

void LineQueue::Work() {
  std::string lines;
  bool ending = false;
  auto written = std::chrono::steady_clock::now() - kGather;
  while (!ending) {
    lines.clear();
    {
      std::unique_lock lock(mutex_);
      idle_ = lines_.empty();
      changed_.wait(lock, [this] { return ending_ || !lines_.empty(); });
      // Waits only if lines follow each other closely; a single line is written
      // at once.
      changed_.wait_until(lock, written + kGather, [this] { return ending_; });
      lines.swap(lines_);
      ending = ending_;
    }
    Write(lines);
    written = std::chrono::steady_clock::now();
  }
}

// Returns true once a write of a chunk will not block, or false if that takes
// too long after the queue has begun to end.
bool LineQueue::IsWritable() {
  for (int polls = 0; polls < kPollsAtTheEnd;) {
    pollfd wanted = {descriptor_, POLLOUT, 0};
    if (poll(&wanted, 1, kPollMillis) > 0) return true;
    const std::lock_guard lock(mutex_);
    if (ending_) ++polls;
  }
  return false;
}

void LineQueue::Write(absl::string_view lines) {
  while (!lines.empty()) {
    if (!IsWritable()) return;
    const ssize_t written =
        write(descriptor_, lines.data(), std::min(lines.size(), chunk_));
    if (written < 0 && errno != EINTR && errno != EAGAIN) return;
    if (written > 0) lines.remove_prefix(static_cast<size_t>(written));
  }
}

}  // namespace holysheep
