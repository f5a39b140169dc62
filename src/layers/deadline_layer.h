#pragma once

#include <memory>

#include "absl/container/flat_hash_set.h"
#include "base/event_loop.h"
#include "chat/backend.h"

namespace holysheep {

// The end of the time that a service which drains gives its calls. Loop thread
// only; outlives the calls.
class DrainDeadline {
 public:
  // A call under way.
  class Guest {
   public:
    // Ends the call with DRAINING. Has left the drain_deadline by then.
    virtual void SendHome() = 0;

   protected:
    ~Guest() = default;
  };

  void Enter(Guest& guest) { guests_.insert(&guest); }
  void Leave(Guest& guest) { guests_.erase(&guest); }

  // Ends every call under way, and each that starts from now on.
  void Begin();
  bool has_begun() const { return has_begun_; }

 private:
  bool has_begun_ = false;
  absl::flat_hash_set<Guest*> guests_;
};

// Ends a call with TOTAL_TIMEOUT at its deadline, and with DRAINING when
// `drain_deadline` begins. Outside the cache, so that each of those who wait
// for one answer has a deadline of their own.
std::unique_ptr<ChatBackend> DeadlineLayer(EventLoop& loop,
                                           DrainDeadline& drain_deadline,
                                           std::unique_ptr<ChatBackend> next);

}  // namespace holysheep
