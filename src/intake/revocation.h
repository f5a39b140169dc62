#pragma once

#include <memory>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "base/event_loop.h"
#include "chat/chat_request.h"
#include "intake/caller.h"

namespace holysheep {

// The calls that last: streams, batches and workflows. Ends those whose callers
// lose their right to call by a reload, since nobody would ask for it again. On
// the loop only; outlives the calls.
class Revocation {
 public:
  // A call that lasts.
  class Lasting {
   public:
    // Ends the call with `error`, UNAUTHENTICATED; nothing more is begun for
    // it.
    virtual void EndRevoked(const absl::Status& error) = 0;

   protected:
    ~Lasting() = default;
  };

  // Held by the call until it ends.
  class Watch {
   public:
    Watch(Revocation& owner, std::shared_ptr<const Caller> caller,
          Lasting& call);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    friend class Revocation;
    void End();

    Revocation& owner_;
    const std::shared_ptr<const Caller> caller_;
    Lasting& call_;
    std::unique_ptr<Timer> soon_;
  };

  explicit Revocation(EventLoop& loop) : loop_(loop) {}

  // Ends the calls of callers that `authenticator` does not know, and from now
  // on those that begin, too: they may have been identified before.
  void TakeUp(std::shared_ptr<const Authenticator> authenticator);

 private:
  bool Knows(const Caller& caller) const;

  EventLoop& loop_;
  // Null until the first reload.
  std::shared_ptr<const Authenticator> authenticator_;
  absl::flat_hash_set<Watch*> watches_;
};

}  // namespace holysheep
