#pragma once

#include <memory>

#include "absl/time/time.h"
#include "base/event_loop.h"

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace holysheep {

// The event loop of the service, on Boost.Asio. The thread inside Run is the
// loop thread. The loop must outlive its timers and all who post to it; tasks
// that have not run by the end are destroyed without running.
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
  // Takes a lock for a moment; several posts before the next turn wake the loop
  // once.
  void Post(Task task) override;

  // Makes the calling thread the loop thread until Stop. May be called again
  // afterwards, and then continues with what was pending.
  void Run();

  // Ends Run after the current task; a Stop before Run ends it at once.
  // Thread-safe.
  void Stop();

  // For classes that watch descriptors on the loop, such as CurlSockets.
  // Handlers on it run on the loop thread. Valid as long as the loop.
  boost::asio::io_context& context();

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace holysheep
