#pragma once

#include <grpcpp/support/server_callback.h>

#include <utility>

#include "base/event_loop.h"
#include "rpc/active_calls.h"

namespace holysheep {

// The base of reactors whose calls run on the loop; `Reactor` is one of
// grpc::Server...Reactor. gRPC's reactions are posted to the loop, so that only
// that thread touches the reactor's members. The last reaction, OnDone, deletes
// it there. REQUIRES: `calls` has admitted the call.
template <typename Reactor>
class LoopReactor : public Reactor {
 public:
  // Called on a gRPC thread; both must outlive the reactor. Allocate it with
  // new.
  LoopReactor(EventLoop& loop, ActiveCalls& calls)
      : loop_(loop), calls_(calls) {}

 protected:
  ~LoopReactor() override = default;

  // For timers and posts of the derived class.
  EventLoop& loop() { return loop_; }

  // Runs `begin` on the loop, unless the client has left by then. Sends the
  // initial metadata first: a client that has received it knows that the call
  // has begun and must not be repeated (docs/adr/0011).
  template <typename Function>
  void Begin(Function begin) {
    this->StartSendInitialMetadata();
    loop_.Post([this, begin = std::move(begin)]() mutable {
      if (!abandoned_) begin();
    });
  }

  // Ends the call with the first status; later ones are ignored. Loop thread.
  void FinishOnce(const grpc::Status& status) {
    if (std::exchange(finished_, true)) return;
    this->Finish(status);
  }

 private:
  // The client has left or does not wait any longer. Cancels what the call
  // runs, and ends it. Loop thread.
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
  // Both belong to the loop thread.
  bool abandoned_ = false;
  bool finished_ = false;
};

}  // namespace holysheep
