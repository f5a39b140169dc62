#include "intake/revocation.h"

#include <utility>

#include "base/errors.h"

namespace holysheep {
// Invariants: a watch is in `watches_` as long as it lives. A call is ended on
// a turn of its own, by a timer of its watch, so that no call leaves while
// others are looked at.

Revocation::Watch::Watch(Revocation& owner,
                         std::shared_ptr<const Caller> caller, Lasting& call)
    : owner_(owner), caller_(std::move(caller)), call_(call) {
  owner_.watches_.insert(this);
  if (!owner_.Knows(*caller_)) End();
}

Revocation::Watch::~Watch() { owner_.watches_.erase(this); }

void Revocation::Watch::End() {
  soon_ = owner_.loop_.RunAfter(absl::ZeroDuration(), [this] {
    call_.EndRevoked(
        MakeError(Reason::kUnauthenticated,
                  "the caller's token or certificate has been revoked"));
  });
}

void Revocation::TakeUp(std::shared_ptr<const Authenticator> authenticator) {
  authenticator_ = std::move(authenticator);
  for (Watch* watch : watches_) {
    if (!Knows(*watch->caller_)) watch->End();
  }
}

bool Revocation::Knows(const Caller& caller) const {
  return authenticator_ == nullptr || authenticator_->Knows(caller);
}

}  // namespace holysheep
