#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "base/event_loop.h"
#include "base/worker.h"

namespace holysheep {

// A piece of work that runs on a Worker and reports its result on the loop.
// Destroying the Errand, which must happen on the loop, means that the result
// is not reported, and that the work does not start if it still waits for a
// thread. It may be destroyed from inside `then`. On the loop only. For work
// that takes longer than a millisecond, such as encoding a large request or
// checking a long answer.
template <typename Result>
class Errand {
 public:
  using Work = absl::AnyInvocable<Result()>;
  using Then = absl::AnyInvocable<void(Result)>;

  // Runs `work` on `worker`, where it may outlive this, and then `then` on
  // `loop`. Neither is called before this returns. `worker` and `loop` must
  // outlive the work, which must not throw and must not refer to what the
  // Errand's owner may destroy.
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
  // Does not wait for work that has begun.
  ~Errand() { state_->abandoned = true; }

 private:
  // Outlives the Errand while the work runs. The worker reads only `abandoned`;
  // `then` belongs to the loop.
  struct State {
    std::atomic<bool> abandoned = false;
    Then then;
  };

  const std::shared_ptr<State> state_;
};

}  // namespace holysheep
