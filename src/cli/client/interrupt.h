#pragma once

#include <functional>
#include <memory>
#include <mutex>

namespace holysheep::cli {

// What Ctrl-C does: it cancels the running call, if there is one. Thread-safe.
class Interrupt {
 public:
  // Runs `cancel`, on any thread, when Trigger is called before the returned
  // guard dies; once that is gone, `cancel` does not run any more. One guard
  // at a time.
  class Guard {
   public:
    Guard(Interrupt& interrupt, std::function<void()> cancel);
    ~Guard();
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    Interrupt& interrupt_;
  };

  // False if there is nothing to cancel, or it has been cancelled already.
  bool Trigger();

  // Whether Trigger has cancelled something since the last guard was made.
  bool fired() const;

 private:
  mutable std::mutex mutex_;
  std::function<void()> cancel_;
  bool fired_ = false;
};

// Triggers `interrupt`, which must outlive it, on SIGINT and SIGTERM. Where
// that has nothing to cancel, the process ends with 130. Make it before any
// thread starts: later ones inherit the blocked signals.
class SignalWatch {
 public:
  virtual ~SignalWatch() = default;
};
std::unique_ptr<SignalWatch> WatchSignals(Interrupt& interrupt);

}  // namespace holysheep::cli
