#include "cli/client/interrupt.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <thread>
#include <utility>

#include "cli/client/exit_code.h"

namespace holysheep::cli {
namespace {

// A thread reads the signals from a file descriptor, so that no code runs in a
// signal handler. `stop_` wakes the thread when the object is destroyed.
class SignalThread final : public SignalWatch {
 public:
  explicit SignalThread(Interrupt& interrupt) : interrupt_(interrupt) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    signals_ = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    stop_ = eventfd(0, EFD_CLOEXEC);
    if (signals_ < 0 || stop_ < 0) std::abort();
    thread_ = std::thread([this] { Run(); });
  }

  ~SignalThread() override {
    const std::uint64_t one = 1;
    if (write(stop_, &one, sizeof(one)) != sizeof(one)) std::abort();
    thread_.join();
    close(stop_);
    close(signals_);
  }

 private:
  void Run() {
    pollfd watched[] = {{signals_, POLLIN, 0}, {stop_, POLLIN, 0}};
    while (true) {
      if (poll(watched, 2, -1) < 0) continue;
      if (watched[1].revents != 0) return;
      signalfd_siginfo info;
      if (read(signals_, &info, sizeof(info)) != sizeof(info)) continue;
      // No destructors run, because the main thread may be doing anything.
      if (!interrupt_.Trigger()) std::_Exit(kExitInterrupted);
    }
  }

  Interrupt& interrupt_;
  int signals_ = -1;
  int stop_ = -1;
  std::thread thread_;
};

}  // namespace

Interrupt::Guard::Guard(Interrupt& interrupt, std::function<void()> cancel)
    : interrupt_(interrupt) {
  const std::lock_guard lock(interrupt_.mutex_);
  interrupt_.cancel_ = std::move(cancel);
  interrupt_.fired_ = false;
}

Interrupt::Guard::~Guard() {
  const std::lock_guard lock(interrupt_.mutex_);
  interrupt_.cancel_ = nullptr;
}

// `cancel_` runs under the mutex, so that a Guard's destructor waits for it:
// afterwards the call that it cancels may be destroyed.

bool Interrupt::Trigger() {
  const std::lock_guard lock(mutex_);
  if (!cancel_ || fired_) return false;
  fired_ = true;
  cancel_();
  return true;
}

bool Interrupt::fired() const {
  const std::lock_guard lock(mutex_);
  return fired_;
}

std::unique_ptr<SignalWatch> WatchSignals(Interrupt& interrupt) {
  return std::make_unique<SignalThread>(interrupt);
}

}  // namespace holysheep::cli
