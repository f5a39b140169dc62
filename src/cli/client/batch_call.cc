#include "cli/client/batch_call.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace holysheep::cli {
namespace {

// Counts the open items. Thread-safe. The service bounds the open items as
// well; this bound keeps memory and the time of a cancellation small.
class Window {
 public:
  explicit Window(size_t size) : room_(size) {}

  // Waits for room; returns false once it is closed.
  bool Enter() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || room_ > 0; });
    if (closed_) return false;
    --room_;
    return true;
  }

  void Leave() {
    const std::lock_guard lock(mutex_);
    ++room_;
    changed_.notify_one();
  }

  void Close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t room_;
  bool closed_ = false;
};

}  // namespace

// The sender runs on a thread of its own, the receiver on the caller's. The
// window is closed before the sender is joined, so that a sender that waits for
// room ends as well. After `cancel` the stream is read to its end, as gRPC
// demands.

void RunBatchStream(
    grpc::ClientReaderWriterInterface<pb::BatchItem, pb::BatchResult>& stream,
    const BatchEnds& ends, const std::function<void()>& cancel) {
  Window window(ends.max_open);
  std::thread sender([&] {
    pb::BatchItem item;
    while (window.Enter() && ends.next(item)) {
      if (!stream.Write(item)) return;
    }
    stream.WritesDone();
  });
  pb::BatchResult result;
  bool wanted = true;
  while (wanted && stream.Read(&result)) {
    wanted = ends.on_result(result);
    window.Leave();
  }
  if (!wanted) {
    cancel();
    while (stream.Read(&result)) {
    }
  }
  window.Close();
  sender.join();
}

}  // namespace holysheep::cli
