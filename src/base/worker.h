#pragma once

#include <memory>

#include "absl/functional/any_invocable.h"

namespace holysheep {

// Threads beside the loop, for what takes longer than a turn of it may. What
// runs there shares nothing with the loop but what never changes.
class Worker {
 public:
  using Task = absl::AnyInvocable<void()>;

  virtual ~Worker() = default;

  // Runs `task` once one of the threads is free, in the order of coming.
  // Thread-safe. How many tasks wait is bounded by whoever gives them: each
  // belongs to a call (see Errand).
  virtual void Run(Task task) = 0;
};

// Its end waits for what runs and destroys unrun what waits. `threads` is at
// least 1.
std::unique_ptr<Worker> NewWorker(int threads);

}  // namespace holysheep
