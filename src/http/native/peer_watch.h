#pragma once

#include <memory>

#include "absl/time/time.h"
#include "base/event_loop.h"

namespace holysheep::native {

// Asks a peer by PING whether it lives, if it has been silent for 5 s while
// something is expected from it, and finds it dead if it does not answer within
// 5 s more. On the loop only. Its timer is that of the connection, not of a
// call, so it costs nothing under load.
class PeerWatch {
 public:
  class Watched {
   public:
    // When bytes last arrived.
    virtual absl::Time heard() const = 0;
    virtual bool expects() const = 0;
    virtual void Ping() = 0;
    // The peer is dead. May destroy the watch.
    virtual void OnDead() = 0;

   protected:
    ~Watched() = default;
  };

  // Both must outlive the object.
  PeerWatch(EventLoop& loop, Watched& watched)
      : loop_(loop), watched_(watched) {}

  // From now on something is expected.
  void Begin();
  // Finds the peer dead on the next turn of the loop.
  void EndSoon();

 private:
  absl::Time quiet_since() const;
  void Wait();
  void Look();

  EventLoop& loop_;
  Watched& watched_;
  absl::Time begun_ = absl::InfinitePast();
  absl::Time asked_ = absl::InfinitePast();
  std::unique_ptr<Timer> timer_;
};

}  // namespace holysheep::native
