#include "server/unary_reactor.h"

#include <memory>
#include <utility>

#include "chat/transcript.h"
#include "holysheep/node/v1/chat.pb.h"
#include "server/status.h"

namespace holysheep {
namespace {

// Every reaction of gRPC posts itself to the loop, so nothing below is touched
// by two threads. The last of them is OnDone, so it may delete the reactor.
class UnaryReactor final : public grpc::ServerUnaryReactor, ChatObserver {
 public:
  UnaryReactor(EventLoop& loop, ActiveCalls& calls,
               pb::InvokeResponse* response)
      : loop_(loop), calls_(calls), response_(*response) {}

  void Begin(ChatBackend& chat, ChatRequest request) {
    loop_.Post([this, &chat, request = std::move(request)] {
      if (!finished_) call_ = chat.Start(request, *this);
    });
  }

 private:
  void OnCancel() override {
    loop_.Post([this] {
      call_.reset();
      FinishOnce(grpc::Status::CANCELLED);
    });
  }
  void OnDone() override {
    loop_.Post([this] {
      ActiveCalls& calls = calls_;
      delete this;
      calls.Leave();
    });
  }

  void OnDelta(const pb::InvokeEvent& delta) override {
    FoldDelta(delta, response_);
  }
  void OnDone(absl::StatusOr<pb::InvokeResponse> result) override {
    if (!result.ok()) return FinishOnce(ToGrpcStatus(result.status()));
    response_.MergeFrom(*result);
    FinishOnce(grpc::Status::OK);
  }

  void FinishOnce(const grpc::Status& status) {
    if (std::exchange(finished_, true)) return;
    Finish(status);
  }

  EventLoop& loop_;
  ActiveCalls& calls_;
  pb::InvokeResponse& response_;
  bool finished_ = false;
  std::unique_ptr<ChatCall> call_;
};

}  // namespace

grpc::ServerUnaryReactor* NewUnaryReactor(EventLoop& loop, ChatBackend& chat,
                                          ActiveCalls& calls,
                                          ChatRequest request,
                                          pb::InvokeResponse* response) {
  auto* reactor = new UnaryReactor(loop, calls, response);
  reactor->Begin(chat, std::move(request));
  return reactor;
}

}  // namespace holysheep
