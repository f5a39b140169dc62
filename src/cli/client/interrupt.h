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
    Guard(Interrupt& interrupt, std::function<void()> cancel);
    ~Guard();
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    Interrupt& interrupt_;
  };

  // Returns false if there is nothing to cancel, or it has been cancelled
  // already.
  bool Trigger();

  // Whether Trigger has cancelled something since the last guard was created.
  bool fired() const;

 private:
  mutable std::mutex mutex_;
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
std::unique_ptr<SignalWatch> WatchSignals(Interrupt& interrupt);

}  // namespace holysheep::cli
