#include "rpc/stream_reactor.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/memory_account.h"
#include "chat/answer.h"
#include "holysheep/node/v1/chat.pb.h"
#include "rpc/loop_reactor.h"
#include "rpc/status.h"
#include "rpc/stream_write_queue.h"
#include "rpc/wire.h"

namespace holysheep {
namespace {

// The call lives on the loop; events are written by whichever thread gets
// kWrite from `write_queue_`, because each hand-over to the loop costs more
// than the write. `started` is always the first event: from the call itself,
// before its first delta or end, or from `start_timer_`.
class StreamReactor final : public LoopReactor,
                            ChatObserver,
                            public Revocation::Lasting {
 public:
  using LoopReactor::LoopReactor;

  void Start(ChatBackend& chat, Revocation& revocation, ChatRequest request) {
    Begin([this, &chat, &revocation, request = std::move(request)] {
      watch_.emplace(revocation, request.caller, *this);
      request_id_ = request.message->request_id();
      model_ = request.model();
      memory_ = request.memory;
      deadline_ = request.deadline->at;
      chat_call_ = chat.Start(request, *this);
      // Posted after whatever the call reports at once.
      start_timer_ = loop().RunAfter(absl::ZeroDuration(),
                                     [this] { SayStarted(pb::Started()); });
    });
  }

 private:
  void OnWriteDone(bool) override { Do(write_queue_.Written()); }
  void Abandon() override {
    chat_call_.reset();
    start_timer_.reset();
    Do(write_queue_.Abandon());
  }

  // A whole answer is still given.
  void EndRevoked(const absl::Status& error) override {
    if (answered_) return;
    chat_call_.reset();
    start_timer_.reset();
    CancelAfter(loop().Now());
    Do(write_queue_.Cut(error));
  }

  void OnDelta(const pb::InvokeEvent& delta) override {
    SayStarted(delta.started());
    Do(write_queue_.Add(delta));
  }

  void OnDone(absl::StatusOr<Answer> result) override {
    answered_ = true;
    start_timer_.reset();
    CancelAfter(deadline_);
    if (!result.ok()) return Do(End(result.status()));
    SayStarted(pb::Started());
    Do(write_queue_.End(ToResponse(*std::move(result))));
  }

  // Where there was no room for more, what the reader has left goes first.
  StreamWriteQueue::Step End(const absl::Status& error) {
    return IsOutOfMemory(error) ? write_queue_.Cut(error)
                                : write_queue_.Fail(error);
  }

  // A replayed answer contains `started` itself.
  void SayStarted(const pb::Started& hint) {
    if (std::exchange(said_started_, true)) return;
    pb::Started started = hint;
    started.set_request_id(request_id_);
    if (started.model().empty()) started.set_model(model_);
    Do(write_queue_.Start(started));
  }

  // No buffer hints: with gRPC 1.51 a hinted write may end only when the next
  // one is started, which in turn waits for it. Runs on the thread that
  // received the step.
  void Do(StreamWriteQueue::Step step) {
    if (step == StreamWriteQueue::Step::kWrite) {
      packed_ = Serialize(write_queue_.event());
      write_queue_.ForgetFinal();
      call().StartWrite(packed_);
    }
    if (step == StreamWriteQueue::Step::kFinish)
      call().Finish(ToGrpcStatus(write_queue_.status()));
  }

  // What `write_queue_` holds, too.
  std::shared_ptr<HeldMemory> memory_;
  absl::Time deadline_ = absl::InfiniteFuture();
  StreamWriteQueue write_queue_;
  // Belongs to the writer, as does the event in it.
  grpc::ByteBuffer packed_;
  std::string request_id_;
  std::string model_;
  bool said_started_ = false;
  bool answered_ = false;
  std::unique_ptr<Timer> start_timer_;
  std::unique_ptr<ChatCall> chat_call_;
  std::optional<Revocation::Watch> watch_;
};

}  // namespace

void StartStreamReactor(RpcCall& call, EventLoop& loop, ChatBackend& chat,
                        ActiveCalls& calls, Revocation& revocation,
                        ChatRequest request) {
  (new StreamReactor(call, loop, calls))
      ->Start(chat, revocation, std::move(request));
}

}  // namespace holysheep
