#include "http/native/peer_watch.h"

#include <algorithm>

namespace holysheep::native {
// Invariants: a timer runs as long as something is expected and the peer is not
// in doubt; it is not moved when bytes arrive, but looks when it is due.

namespace {

constexpr absl::Duration kTimeToAnswer = absl::Seconds(5);

}  // namespace

void PeerWatch::Begin() {
  begun_ = loop_.Now();
  if (timer_ == nullptr) Wait();
}

void PeerWatch::EndSoon() {
  timer_ =
      loop_.RunAfter(absl::ZeroDuration(), [this] { watched_.OnEndNow(); });
}

absl::Time PeerWatch::quiet_since() const {
  return std::max({watched_.heard(), begun_, asked_});
}

void PeerWatch::Wait() {
  const absl::Duration wait = is_asking() ? kTimeToAnswer : patience_;
  timer_ =
      loop_.RunAfter(quiet_since() + wait - loop_.Now(), [this] { Look(); });
}

void PeerWatch::Look() {
  timer_.reset();
  if (!watched_.expects()) return;
  const absl::Time now = loop_.Now();
  const absl::Duration quiet = now - quiet_since();
  if (is_asking()) {
    if (quiet >= kTimeToAnswer) return watched_.OnNoAnswer();
  } else if (quiet >= patience_) {
    asked_ = now;
    watched_.Ping();
  }
  Wait();
}

}  // namespace holysheep::native
