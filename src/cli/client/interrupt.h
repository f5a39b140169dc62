#pragma once

#include <functional>
#include <memory>
#include <mutex>

namespace holysheep::cli {

// The effect of Ctrl-C: cancels the running call, if there is one. Thread-safe.
class Interrupt {
 public:
  // While the guard lives, Trigger runs `cancel`, on any thread. Once the guard
  // is destroyed, `cancel` is not running and will not run. Only one guard may
  // exist at a time.
  class Guard {
   public:
    // `cancel` must be thread-safe, and must not block or call `interrupt`.
    Guard(Interrupt& interrupt, std::function<void()> cancel);
    ~Guard();
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    Interrupt& interrupt_;
  };

  // Returns false if there is nothing to cancel, or it has been cancelled
  // already. Runs `cancel` on the calling thread. A second Ctrl-C therefore
  // ends the program.
  bool Trigger();

  // Whether Trigger has cancelled something since the last guard was created.
  bool fired() const;

 private:
  mutable std::mutex mutex_;
  // Null without a guard.
  std::function<void()> cancel_;
  bool fired_ = false;
};

// Calls Trigger on SIGINT and SIGTERM; if that has nothing to cancel, ends the
// process with 130. `interrupt` must outlive the watch. Create it before any
// thread starts: threads inherit the blocked signals.
class SignalWatch {
 public:
  virtual ~SignalWatch() = default;
};
// Call it once, first in main. The destructor ends its thread, but leaves the
// signals blocked.
std::unique_ptr<SignalWatch> WatchSignals(Interrupt& interrupt);

}  // namespace holysheep::cli
