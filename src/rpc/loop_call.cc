#include "rpc/loop_call.h"

#include <utility>

namespace holysheep {
namespace {

// `calls_` outlives the reactor, so it is copied out before the object is
// deleted.
class LoopCall final : public grpc::ServerUnaryReactor {
 public:
  LoopCall(EventLoop& loop, ActiveCalls& calls,
           absl::AnyInvocable<void()> answer)
      : calls_(calls) {
    loop.Post([this, answer = std::move(answer)]() mutable {
      answer();
      Finish(grpc::Status::OK);
    });
  }

 private:
  void OnDone() override {
    ActiveCalls& calls = calls_;
    delete this;
    calls.Leave();
  }

  ActiveCalls& calls_;
};

}  // namespace

grpc::ServerUnaryReactor* AnswerOnLoop(EventLoop& loop, ActiveCalls& calls,
                                       absl::AnyInvocable<void()> answer) {
  return new LoopCall(loop, calls, std::move(answer));
}

}  // namespace holysheep
