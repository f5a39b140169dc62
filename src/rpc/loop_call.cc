#include "rpc/loop_call.h"

#include <grpcpp/support/status.h>

#include <utility>

namespace holysheep {
namespace {

// `calls_` outlives the reactor, so it is copied out before the object is
// deleted.
class LoopCall final : public RpcReactor {
 public:
  explicit LoopCall(ActiveCalls& calls) : calls_(calls) {}

 private:
  void OnDone() override {
    ActiveCalls& calls = calls_;
    delete this;
    calls.Leave();
  }

  ActiveCalls& calls_;
};

}  // namespace

void AnswerOnLoop(RpcCall& call, EventLoop& loop, ActiveCalls& calls,
                  absl::AnyInvocable<void()> answer) {
  call.SetReactor(*new LoopCall(calls));
  loop.Enter([&call, answer = std::move(answer)]() mutable {
    answer();
    call.Finish(grpc::Status::OK);
  });
}

void FinishWhenKept(RpcCall& call, CallSink& sink, ActiveCalls& calls) {
  call.SetReactor(*new LoopCall(calls));
  sink.WhenKept([&call] { call.Finish(grpc::Status::OK); });
}

}  // namespace holysheep
