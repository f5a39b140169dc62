#pragma once

#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"

namespace holysheep {

// A pending delayed task. Destroying it cancels the task. Destroy it on the
// loop. Destroying a timer that has fired does nothing.
class Timer {
 public:
  virtual ~Timer() = default;
};

// Runs everything that calls do, one task at a time. Any thread that has an
// event may run it (see Enter), so that "on the loop" means: while no other
// task runs. Objects of chat/, layers/, upstream/ and jobs/ are confined to it
// and therefore take no locks. A task must not block: all calls wait for it.
// Implemented by http/asio_loop.h, and by a fake with a clock of its own in
// tests.
class EventLoop {
 public:
  // Called once, and destroyed on the loop.
  using Task = absl::AnyInvocable<void()>;

  virtual ~EventLoop() = default;

  // The time, for durations and deadlines. Never jumps and never runs
  // backwards, whatever happens to the machine's clock; starts at the
  // wall-clock time of the loop's creation. Thread-safe.
  virtual absl::Time Now() const = 0;

  // Runs `task` on the loop after `delay`, unless the timer is destroyed first.
  // On the loop only. Never runs it before it has returned, whatever the delay.
  virtual std::unique_ptr<Timer> RunAfter(absl::Duration delay, Task task) = 0;

  // Runs `task` on a later turn of the loop, in the order of posting.
  // Thread-safe.
  virtual void Post(Task task) = 0;

  // Runs `task` at once, on this thread, if no other task runs; otherwise the
  // thread that runs one runs it afterwards. Saves waking a thread. `task` must
  // not need a lock that the caller holds. Thread-safe.
  virtual void Enter(Task task) = 0;
};

}  // namespace holysheep
