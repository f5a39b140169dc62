#pragma once

#include <cstdint>
#include <memory>

#include "absl/time/time.h"
#include "base/event_loop.h"

namespace holysheep {

class LoopExecutor;

// The event loop of the service, on Boost.Asio. The thread inside Run waits for
// sockets and timers; tasks run on it or on a thread that enters. The loop must
// outlive its timers and all who post to it; tasks that have not run by the end
// are destroyed without running. After a millisecond a thread that entered
// leaves what else there is to do to the one inside Run.
class AsioLoop final : public EventLoop {
 public:
  // The clock begins at the present wall-clock time.
  AsioLoop();
  // REQUIRES: no thread is inside Run.
  ~AsioLoop() override;

  // Reads the monotonic clock, without a system call.
  absl::Time Now() const override;
  // A delay of zero or less means the next turn of the loop. The timer may be
  // destroyed inside its own task. May also be called while no thread is inside
  // Run.
  std::unique_ptr<Timer> RunAfter(absl::Duration delay, Task task) override;
  // Takes a lock for a moment. Wakes the thread inside Run only if no task
  // runs, and once for several posts.
  void Post(Task task) override;
  void Enter(Task task) override;

  // Serves sockets, timers and posts until Stop. May be called again
  // afterwards, and then continues with what was pending.
  void Run();

  // Ends Run soon; a Stop before Run ends it at once. Thread-safe.
  void Stop();

  // How often tasks in a row took longer than 20 ms. Thread-safe.
  int64_t stalls() const;

  // For sockets and timers whose handlers are to run on the loop
  // (http/loop_executor.h).
  LoopExecutor executor();

 private:
  friend class LoopExecutor;
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace holysheep
