#pragma once

#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "base/event_loop.h"

namespace holysheep {

// A deadline that moves often and is seldom reached. Moving it later costs only
// a store, because the running timer checks the deadline when it fires. Loop
// thread only.
class ProgressTimer {
 public:
  // Calls `on_deadline` when a deadline is reached; `on_deadline` may destroy
  // the timer.
  ProgressTimer(EventLoop& loop, absl::AnyInvocable<void()> on_deadline);

  void SetDeadline(absl::Time deadline);

 private:
  void Arm();
  void OnTimer();

  EventLoop& loop_;
  absl::AnyInvocable<void()> on_deadline_;
  absl::Time deadline_ = absl::InfiniteFuture();
  // When the running timer fires.
  absl::Time armed_ = absl::InfiniteFuture();
  std::unique_ptr<Timer> timer_;
};

}  // namespace holysheep
