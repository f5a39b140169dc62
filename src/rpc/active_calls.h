#pragma once

#include <cstdint>
#include <mutex>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"

namespace holysheep {

// Counts the calls under way and turns new ones away once the service drains.
// Thread-safe.
class ActiveCalls {
 public:
  // False while draining: the call must be refused with DRAINING. Every true
  // answer is followed by one Leave.
  bool TryEnter();
  void Leave();

  // Lets no new calls in from now on. Calls `on_idle` once, from any thread,
  // when the last call has left; at once if there is none.
  void Drain(absl::AnyInvocable<void()> on_idle);

 private:
  std::mutex mutex_;
  int64_t calls_ ABSL_GUARDED_BY(mutex_) = 0;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  absl::AnyInvocable<void()> on_idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace holysheep
