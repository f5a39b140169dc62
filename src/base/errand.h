#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "base/event_loop.h"
#include "base/worker.h"

namespace holysheep {

// Something that is done beside the loop and heard of on the loop. Destroying
// it, on the loop, means that it is not heard of, nor begun if it still waits;
// it may be destroyed from inside `then`. Loop thread only.
template <typename Result>
class Errand {
 public:
  using Work = absl::AnyInvocable<Result()>;
  using Then = absl::AnyInvocable<void(Result)>;

  // Runs `work` on `worker`, where it may outlive this, and then `then` on
  // `loop`. Neither is called before this returns.
  Errand(Worker& worker, EventLoop& loop, Work work, Then then)
      : state_(std::make_shared<State>()) {
    state_->then = std::move(then);
    worker.Run([state = state_, &loop, work = std::move(work)]() mutable {
      if (state->abandoned) return;
      loop.Post([state, result = work()]() mutable {
        if (state->abandoned) return;
        Then heard = std::move(state->then);
        heard(std::move(result));
      });
    });
  }
  Errand(const Errand&) = delete;
  Errand& operator=(const Errand&) = delete;
  ~Errand() { state_->abandoned = true; }

 private:
  struct State {
    std::atomic<bool> abandoned = false;
    Then then;
  };

  const std::shared_ptr<State> state_;
};

}  // namespace holysheep
