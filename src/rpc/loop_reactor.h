#pragma once

#include <grpcpp/support/server_callback.h>

#include <utility>

#include "base/event_loop.h"
#include "rpc/active_calls.h"

namespace holysheep {

// What the reactors have in common whose calls run on the loop: `Reactor` is
// one of grpc::Server...Reactor. gRPC's reactions post themselves to the loop,
// so what a reactor holds is touched by that thread alone; the last of them,
// OnDone, deletes it there. REQUIRES: `calls` has let the call in.
template <typename Reactor>
class LoopReactor : public Reactor {
 public:
  LoopReactor(EventLoop& loop, ActiveCalls& calls)
      : loop_(loop), calls_(calls) {}

 protected:
  ~LoopReactor() override = default;

  EventLoop& loop() { return loop_; }

  // Runs `begin` on the loop, unless the client has left by then. Before that
  // the client is sent the initial metadata: who has it knows that the call
  // has begun and must not be sent again (docs/adr/0011).
  template <typename Function>
  void Begin(Function begin) {
    this->StartSendInitialMetadata();
    loop_.Post([this, begin = std::move(begin)]() mutable {
      if (!abandoned_) begin();
    });
  }

  // The first status counts. Loop thread.
  void FinishOnce(const grpc::Status& status) {
    if (std::exchange(finished_, true)) return;
    this->Finish(status);
  }

 private:
  // The client has left, or waits no longer: drops what the call runs, and
  // ends it. Loop thread.
  virtual void Abandon() = 0;

  void OnCancel() final {
    loop_.Post([this] {
      abandoned_ = true;
      Abandon();
    });
  }
  void OnDone() final {
    loop_.Post([this] {
      ActiveCalls& calls = calls_;
      delete this;
      calls.Leave();
    });
  }

  EventLoop& loop_;
  ActiveCalls& calls_;
  bool abandoned_ = false;
  bool finished_ = false;
};

}  // namespace holysheep
