#include "rpc/completion_loop.h"

#include <grpcpp/completion_queue.h>

#include <utility>

namespace holysheep {

// No operation may be started on a queue that is being shut down, but gRPC's
// server may have shut down before the last call has seen its end: hence the
// count. A queue must be empty before it is destroyed, also one that was never
// served.

CompletionLoop::CompletionLoop(
    std::unique_ptr<grpc::ServerCompletionQueue> queue)
    : queue_(std::move(queue)) {}

CompletionLoop::~CompletionLoop() { End(); }

void CompletionLoop::Start() {
  thread_ = std::thread([this] { Serve(); });
}

void CompletionLoop::Enter() {
  const std::lock_guard lock(mutex_);
  ++calls_;
}

// Notified under the lock, because this may be gone afterwards.
void CompletionLoop::Leave() {
  const std::lock_guard lock(mutex_);
  if (--calls_ == 0) left_.notify_all();
}

void CompletionLoop::End() {
  if (std::exchange(ended_, true)) return;
  {
    std::unique_lock lock(mutex_);
    left_.wait(lock, [this] { return calls_ == 0; });
  }
  queue_->Shutdown();
  if (thread_.joinable()) {
    thread_.join();
  } else {
    Serve();
  }
}

void CompletionLoop::Serve() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) {
    static_cast<CompletionTag*>(tag)->Complete(ok);
  }
}

}  // namespace holysheep
