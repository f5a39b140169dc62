#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

#include "absl/base/thread_annotations.h"

namespace grpc {
class ServerCompletionQueue;
}  // namespace grpc

namespace holysheep {

// What gRPC reports through a completion queue; its address is the tag.
class CompletionTag {
 public:
  // Called once for each operation, on the queue's thread. `ok` is gRPC's.
  virtual void Complete(bool ok) = 0;

  // For gRPC's functions.
  void* tag() { return this; }

 protected:
  ~CompletionTag() = default;
};

// Waits for what gRPC reports through one completion queue, on a thread of its
// own, and runs the tags. That thread also does gRPC's work on the sockets, so
// nothing may hold it up for longer than a millisecond.
class CompletionLoop {
 public:
  // `queue` is that of a server that has not started yet. Serves nothing before
  // Start.
  explicit CompletionLoop(std::unique_ptr<grpc::ServerCompletionQueue> queue);
  // Calls End.
  ~CompletionLoop();

  grpc::ServerCompletionQueue& queue() { return *queue_; }

  // REQUIRES: the server has started.
  void Start();

  // A call that starts operations on the queue; each must leave once, after its
  // last tag. Enter while the queue serves, or before. Thread-safe.
  void Enter();
  void Leave();

  // Blocks until all calls have left and all tags have come. REQUIRES: the
  // server has been shut down, if it was started. Further calls do nothing.
  void End();

 private:
  void Serve();

  const std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::mutex mutex_;
  std::condition_variable left_;
  int64_t calls_ ABSL_GUARDED_BY(mutex_) = 0;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace holysheep
