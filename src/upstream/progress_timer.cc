#include "upstream/progress_timer.h"

#include <utility>

namespace holysheep {

ProgressTimer::ProgressTimer(EventLoop& loop,
                             absl::AnyInvocable<void()> on_deadline)
    : loop_(loop), on_deadline_(std::move(on_deadline)) {}

// `armed_` is when the running timer fires, never later than `deadline_`. A
// later deadline leaves the timer alone; OnTimer then arms it again.
void ProgressTimer::SetDeadline(absl::Time deadline) {
  deadline_ = deadline;
  if (deadline_ < armed_) Arm();
}

// Replaces the running timer, so that there is never more than one.
void ProgressTimer::Arm() {
  armed_ = deadline_;
  timer_ = loop_.RunAfter(deadline_ - loop_.Now(), [this] { OnTimer(); });
}

void ProgressTimer::OnTimer() {
  armed_ = absl::InfiniteFuture();
  if (loop_.Now() < deadline_) {
    if (deadline_ < absl::InfiniteFuture()) Arm();
    return;
  }
  deadline_ = absl::InfiniteFuture();
  on_deadline_();
}

}  // namespace holysheep
