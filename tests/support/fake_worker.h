#pragma once

#include <deque>
#include <utility>

#include "base/worker.h"

namespace holysheep {

// Does nothing until the test says so.
class FakeWorker final : public Worker {
 public:
  void Run(Task task) override { waiting_.push_back(std::move(task)); }

  // Runs all that waits, on the test's thread; what it posts is for the loop.
  void Work() {
    while (!waiting_.empty()) {
      Task task = std::move(waiting_.front());
      waiting_.pop_front();
      task();
    }
  }

  size_t waiting() const { return waiting_.size(); }

 private:
  std::deque<Task> waiting_;
};

}  // namespace holysheep
