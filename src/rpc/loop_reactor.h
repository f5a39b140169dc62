#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "base/event_loop.h"
#include "rpc/active_calls.h"
#include "rpc/rpc_call.h"

namespace holysheep {

// The base of reactors whose calls run on the loop. gRPC's reactions enter
// the loop, so that the reactor's members are touched on it only. The last
// reaction, OnDone, deletes it there; `call` is gone by then. REQUIRES: `calls`
// has admitted the call.
class LoopReactor : public RpcReactor {
 public:
  // Called by the handler of `call`; `loop` and `calls` must outlive the
  // reactor. Allocate it with new.
  LoopReactor(RpcCall& call, EventLoop& loop, ActiveCalls& calls)
      : call_(call), loop_(loop), calls_(calls) {
    call.SetReactor(*this);
  }

 protected:
  ~LoopReactor() override = default;

  RpcCall& call() { return call_; }
  // For timers and posts of the derived class.
  EventLoop& loop() { return loop_; }

  // Runs `begin` on the loop, unless the client has left by then. Sends the
  // initial metadata first: a client that has received it knows that the call
  // has begun and must not be repeated (docs/adr/0011).
  template <typename Function>
  void Begin(Function begin) {
    call_.StartSendInitialMetadata();
    loop_.Enter([this, begin = std::move(begin)]() mutable {
      if (!abandoned_) begin();
    });
  }

  // Ends the call with the first status; later ones are ignored. On the loop
  // only.
  void FinishOnce(const grpc::Status& status) {
    if (std::exchange(finished_, true)) return;
    call_.Finish(status);
  }

  // Cancels a call whose reader has not taken its end by a second after
  // `deadline`, so that it holds nothing any longer. On the loop only.
  void CancelAfter(absl::Time deadline) {
    const absl::Duration left = deadline - loop_.Now();
    if (left == absl::InfiniteDuration()) return;
    late_ = loop_.RunAfter(std::max(left, absl::ZeroDuration()) + kFarewell,
                           [this] {
                             const std::lock_guard lock(mutex_);
                             if (!over_) call_.Cancel();
                           });
  }

 private:
  // Enough for a reader that is only late to hear why the call has ended.
  static constexpr absl::Duration kFarewell = absl::Seconds(1);

  // The client has left or does not wait any longer. Cancels what the call
  // runs, and ends it. On the loop only.
  virtual void Abandon() = 0;

  void OnCancel() final {
    loop_.Enter([this] {
      abandoned_ = true;
      Abandon();
    });
  }
  void OnDone() final {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    loop_.Enter([this] {
      ActiveCalls& calls = calls_;
      delete this;
      calls.Leave();
    });
  }

  RpcCall& call_;
  EventLoop& loop_;
  ActiveCalls& calls_;
  std::unique_ptr<Timer> late_;
  // Whether `call_` is going, which happens on any thread.
  std::mutex mutex_;
  bool over_ ABSL_GUARDED_BY(mutex_) = false;
  // Both belong to the loop.
  bool abandoned_ = false;
  bool finished_ = false;
};

}  // namespace holysheep
