#include "base/worker.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"

namespace holysheep {
namespace {

// A fixed set of threads that share one queue. Once `ending_` is set, no thread
// takes another task; the queue is destroyed after the threads have been
// joined, so that a waiting task is dropped where nothing else runs.

// A task runs without the lock.
class Threads final : public Worker {
 public:
  explicit Threads(int count) {
    for (int i = 0; i < count; ++i) threads_.emplace_back([this] { Serve(); });
  }

  ~Threads() override {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  void Run(Task task) override {
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(std::move(task));
    }
    wake_.notify_one();
  }

 private:
  void Serve() {
    while (Task task = Next()) task();
  }

  // Waits for the next task. Returns null once the worker is ending.
  Task Next() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (ending_) return nullptr;
    Task task = std::move(waiting_.front());
    waiting_.pop_front();
    return task;
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<Task> waiting_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace

std::unique_ptr<Worker> NewWorker(int threads) {
  return std::make_unique<Threads>(threads);
}

}  // namespace holysheep
