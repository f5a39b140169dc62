#include "rpc/unary_reactor.h"

#include <memory>
#include <utility>

#include "base/memory_account.h"
#include "chat/answer.h"
#include "chat/transcript.h"
#include "holysheep/node/v1/chat.pb.h"
#include "rpc/loop_reactor.h"
#include "rpc/status.h"
#include "rpc/wire.h"

namespace holysheep {
namespace {

// `chat_call_` is the last member, so that it dies before `response_`, into
// which it reports.
class UnaryReactor final : public LoopReactor, ChatObserver {
 public:
  using LoopReactor::LoopReactor;

  void Start(ChatBackend& chat, ChatRequest request) {
    Begin([this, &chat, request = std::move(request)] {
      memory_ = request.memory;
      deadline_ = request.deadline->at;
      chat_call_ = chat.Start(request, *this);
    });
  }

 private:
  void Abandon() override {
    chat_call_.reset();
    FinishOnce(grpc::Status::CANCELLED);
  }

  void OnDelta(const pb::InvokeEvent& delta) override {
    FoldDelta(delta, response_);
  }
  // The pieces are not kept while the response waits for its reader.
  void OnDone(absl::StatusOr<Answer> result) override {
    CancelAfter(deadline_);
    if (!result.ok()) return FinishOnce(ToGrpcStatus(result.status()));
    response_.MergeFrom(ToResponse(*std::move(result)));
    call().response() = Serialize(response_);
    pb::InvokeResponse().Swap(&response_);
    FinishOnce(grpc::Status::OK);
  }

  // Until the reactor ends, with the response that gRPC holds.
  std::shared_ptr<HeldMemory> memory_;
  absl::Time deadline_ = absl::InfiniteFuture();
  pb::InvokeResponse response_;
  std::unique_ptr<ChatCall> chat_call_;
};

}  // namespace

void StartUnaryReactor(RpcCall& call, EventLoop& loop, ChatBackend& chat,
                       ActiveCalls& calls, ChatRequest request) {
  (new UnaryReactor(call, loop, calls))->Start(chat, std::move(request));
}

}  // namespace holysheep
