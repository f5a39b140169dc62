#pragma once

#include <memory>

#include "absl/functional/any_invocable.h"

namespace holysheep {

// Threads for work that takes longer than a turn of the loop may. A task shares
// with the loop only data that never changes. Used through Errand, which brings
// the result back to the loop.
class Worker {
 public:
  // Must not throw.
  using Task = absl::AnyInvocable<void()>;

  // Blocks for the running tasks; see NewWorker.
  virtual ~Worker() = default;

  // Runs `task` as soon as one of the threads is free, first come, first
  // served. Thread-safe. The callers bound how many tasks wait: each belongs to
  // a call (see Errand).
  virtual void Run(Task task) = 0;
};

// Starts `threads` threads, at least 1. The destructor waits for the tasks that
// run and drops those that still wait without running them.
std::unique_ptr<Worker> NewWorker(int threads);

}  // namespace holysheep
