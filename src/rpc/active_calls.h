#pragma once

#include <cstdint>
#include <mutex>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"

namespace holysheep {

// Counts the running calls and refuses new ones once the service drains.
// Thread-safe. Owned by the node, and shared by all services; it is what a
// shutdown waits for.
class ActiveCalls {
 public:
  // Returns false while draining: the call must be refused with DRAINING. Each
  // call that has entered must leave once. Called by the handler, before
  // anything is started for the call.
  bool TryEnter();
  // May call `on_idle`, on the calling thread.
  void Leave();

  // Refuses new calls from now on. Calls `on_idle` once, on any thread, when
  // the last call has left; at once if there is none. Further calls of Drain do
  // nothing.
  void Drain(absl::AnyInvocable<void()> on_idle);

 private:
  // Held for a few instructions only.
  std::mutex mutex_;
  int64_t calls_ ABSL_GUARDED_BY(mutex_) = 0;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  absl::AnyInvocable<void()> on_idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace holysheep
