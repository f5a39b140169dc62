#include "rpc/unary_reactor.h"

#include <memory>
#include <utility>

#include "chat/answer.h"
#include "chat/transcript.h"
#include "holysheep/node/v1/chat.pb.h"
#include "rpc/loop_reactor.h"
#include "rpc/status.h"
#include "rpc/wire.h"

namespace holysheep {
namespace {

// `call_` is the last member, so that it dies before `response_`, into which it
// reports.
class UnaryReactor final : public LoopReactor<grpc::ServerUnaryReactor>,
                           ChatObserver {
 public:
  UnaryReactor(EventLoop& loop, ActiveCalls& calls, grpc::ByteBuffer* packed)
      : LoopReactor(loop, calls), packed_(*packed) {}

  void Start(ChatBackend& chat, ChatRequest request) {
    Begin([this, &chat, request = std::move(request)] {
      call_ = chat.Start(request, *this);
    });
  }

 private:
  void Abandon() override {
    call_.reset();
    FinishOnce(grpc::Status::CANCELLED);
  }

  void OnDelta(const pb::InvokeEvent& delta) override {
    FoldDelta(delta, response_);
  }
  void OnDone(absl::StatusOr<Answer> result) override {
    if (!result.ok()) return FinishOnce(ToGrpcStatus(result.status()));
    response_.MergeFrom(ToResponse(*std::move(result)));
    packed_ = Serialize(response_);
    FinishOnce(grpc::Status::OK);
  }

  grpc::ByteBuffer& packed_;
  pb::InvokeResponse response_;
  std::unique_ptr<ChatCall> call_;
};

}  // namespace

grpc::ServerUnaryReactor* NewUnaryReactor(EventLoop& loop, ChatBackend& chat,
                                          ActiveCalls& calls,
                                          ChatRequest request,
                                          grpc::ByteBuffer* response) {
  auto* reactor = new UnaryReactor(loop, calls, response);
  reactor->Start(chat, std::move(request));
  return reactor;
}

}  // namespace holysheep
