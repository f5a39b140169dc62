#include "rpc/active_calls.h"

#include <utility>

namespace holysheep {

// `on_idle_` is set only while calls are running and the service drains. It is
// called without the lock, because it may end the service.

bool ActiveCalls::TryEnter() {
  const std::lock_guard lock(mutex_);
  if (draining_) return false;
  ++calls_;
  return true;
}

void ActiveCalls::Leave() {
  absl::AnyInvocable<void()> on_idle;
  {
    const std::lock_guard lock(mutex_);
    if (--calls_ == 0 && draining_) on_idle = std::exchange(on_idle_, nullptr);
  }
  if (on_idle) on_idle();
}

// Only the first call's `on_idle` is kept.
void ActiveCalls::Drain(absl::AnyInvocable<void()> on_idle) {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(draining_, true)) return;
    if (calls_ > 0) {
      on_idle_ = std::move(on_idle);
      return;
    }
  }
  on_idle();
}

}  // namespace holysheep
