#pragma once

#include <memory>

#include "absl/time/time.h"
#include "base/event_loop.h"

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace holysheep {

// The event loop of the service, on Boost.Asio. The thread inside Run is the
// loop thread. Must outlive its timers and all who post to it; tasks that have
// not run by the end are destroyed unrun.
class AsioLoop final : public EventLoop {
 public:
  AsioLoop();
  ~AsioLoop() override;

  absl::Time Now() const override;
  // A delay that is not positive means the next turn of the loop. The timer
  // may be destroyed inside its own task. May also be called while no thread
  // is inside Run.
  std::unique_ptr<Timer> RunAfter(absl::Duration delay, Task task) override;
  void Post(Task task) override;

  // Turns the calling thread into the loop thread until Stop. May be called
  // again afterwards; what was pending then goes on.
  void Run();

  // Ends Run after the current task; a Stop before Run ends it at once.
  // Thread-safe.
  void Stop();

  // For those who put descriptors on the loop.
  boost::asio::io_context& context();

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace holysheep
