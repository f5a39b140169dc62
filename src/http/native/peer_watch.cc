#include "http/native/peer_watch.h"

#include <algorithm>

namespace holysheep::native {
// Invariants: a timer runs as long as something is expected, and at most until
// the peer has been silent for kPatience; it is not moved when bytes arrive,
// but looks when it is due.

namespace {

constexpr absl::Duration kPatience = absl::Seconds(5);

}  // namespace

void PeerWatch::Begin() {
  begun_ = loop_.Now();
  if (timer_ == nullptr) Wait();
}

void PeerWatch::EndSoon() {
  timer_ = loop_.RunAfter(absl::ZeroDuration(), [this] { watched_.OnDead(); });
}

absl::Time PeerWatch::quiet_since() const {
  return std::max({watched_.heard(), begun_, asked_});
}

void PeerWatch::Wait() {
  timer_ = loop_.RunAfter(quiet_since() + kPatience - loop_.Now(),
                          [this] { Look(); });
}

void PeerWatch::Look() {
  timer_.reset();
  if (!watched_.expects()) return;
  const absl::Time now = loop_.Now();
  if (now - quiet_since() >= kPatience) {
    if (asked_ == quiet_since()) return watched_.OnDead();
    asked_ = now;
    watched_.Ping();
  }
  Wait();
}

}  // namespace holysheep::native
