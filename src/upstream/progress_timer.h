#pragma once

#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "base/event_loop.h"

namespace holysheep {

// A deadline that moves often and is seldom reached. Moving it later costs only
// a store, because the running timer checks the deadline when it fires. Loop
// thread only. For the silence between pieces of an answer, of which there may
// be thousands a second.
class ProgressTimer {
 public:
  // Calls `on_deadline` when a deadline is reached; `on_deadline` may destroy
  // the timer. `loop` must outlive the timer. Without a deadline it never
  // fires.
  ProgressTimer(EventLoop& loop, absl::AnyInvocable<void()> on_deadline);

  // On the loop's clock. Replaces the one before; InfiniteFuture removes it. A
  // deadline that has passed is reached on the next turn of the loop.
  void SetDeadline(absl::Time deadline);

 private:
  // Starts the timer for deadline_.
  void Arm();
  // Reports the deadline if it is reached; otherwise arms the timer again.
  void OnTimer();

  EventLoop& loop_;
  absl::AnyInvocable<void()> on_deadline_;
  absl::Time deadline_ = absl::InfiniteFuture();
  // When the running timer fires.
  absl::Time armed_ = absl::InfiniteFuture();
  std::unique_ptr<Timer> timer_;
};

}  // namespace holysheep
