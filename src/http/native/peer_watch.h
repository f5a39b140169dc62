#pragma once

#include <memory>

#include "absl/time/time.h"
#include "base/event_loop.h"

namespace holysheep::native {

// Asks a peer by PING whether it lives, if it has been silent for a while
// although something is expected from it, and doubts it if it does not answer
// within 5 s more. On the loop only. Its timer is that of the connection, not
// of a call, so it costs nothing under load.
class PeerWatch {
 public:
  class Watched {
   public:
    // When bytes last arrived.
    virtual absl::Time heard() const = 0;
    virtual bool expects() const = 0;
    virtual void Ping() = 0;
    // The peer has not answered. May destroy the watch.
    virtual void OnNoAnswer() = 0;
    // As EndSoon has announced. May destroy the watch.
    virtual void OnEndNow() = 0;

   protected:
    ~Watched() = default;
  };

  // `patience` is how long the peer may be silent before it is asked. `loop`
  // and `watched` must outlive the object.
  PeerWatch(EventLoop& loop, absl::Duration patience, Watched& watched)
      : loop_(loop), patience_(patience), watched_(watched) {}

  // From now on something is expected.
  void Begin();
  // Calls OnEndNow on the next turn of the loop.
  void EndSoon();

 private:
  absl::Time quiet_since() const;
  void Wait();
  void Look();

  // Whether the PING that was sent last has no answer yet.
  bool is_asking() const { return asked_ == quiet_since(); }

  EventLoop& loop_;
  const absl::Duration patience_;
  Watched& watched_;
  absl::Time begun_ = absl::InfinitePast();
  absl::Time asked_ = absl::InfinitePast();
  std::unique_ptr<Timer> timer_;
};

}  // namespace holysheep::native
