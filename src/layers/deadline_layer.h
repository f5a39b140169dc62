#pragma once

#include <memory>

#include "absl/container/flat_hash_set.h"
#include "base/event_loop.h"
#include "chat/backend.h"

namespace holysheep {

// The end of the time that a draining service gives its calls. On the loop
// only. Outlives the calls. Owned by the node, which begins it when the drain
// timeout has passed.
class DrainDeadline {
 public:
  // A running call.
  class Running {
   public:
    // Ends the call with DRAINING. The call has been removed before.
    virtual void EndForDrain() = 0;

   protected:
    ~Running() = default;
  };

  // Each running call enters once, and leaves when it ends.
  void Enter(Running& running) { running_.insert(&running); }
  void Leave(Running& running) { running_.erase(&running); }

  // Ends every running call, and each that starts later.
  void Begin();
  bool has_begun() const { return has_begun_; }

 private:
  bool has_begun_ = false;
  absl::flat_hash_set<Running*> running_;
};

// Ends a call with TOTAL_TIMEOUT at its deadline, and with DRAINING when
// `drain_deadline` begins. Stands above the cache, so that each caller who
// waits for a shared answer has a deadline of their own. On the loop only.
std::unique_ptr<ChatBackend> DeadlineLayer(EventLoop& loop,
                                           DrainDeadline& drain_deadline,
                                           std::unique_ptr<ChatBackend> next);

}  // namespace holysheep
