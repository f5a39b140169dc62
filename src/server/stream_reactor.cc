#include "server/stream_reactor.h"

#include <deque>
#include <memory>
#include <utility>

#include "chat/transcript.h"
#include "holysheep/node/v1/chat.pb.h"
#include "server/status.h"

namespace holysheep {
namespace {

// Every reaction of gRPC posts itself to the loop, so nothing below is touched
// by two threads. The last of them is OnDone, so it may delete the reactor.
class StreamReactor final : public grpc::ServerWriteReactor<pb::InvokeEvent>,
                            ChatObserver {
 public:
  StreamReactor(EventLoop& loop, ActiveCalls& calls)
      : loop_(loop), calls_(calls) {}

  void Begin(ChatBackend& chat, ChatRequest request) {
    loop_.Post([this, &chat, request = std::move(request)] {
      if (ended_) return;
      request_id_ = request.message->request_id();
      model_ = request.model;
      call_ = chat.Start(request, *this);
    });
  }

 private:
  void OnWriteDone(bool) override {
    loop_.Post([this] {
      events_.pop_front();
      writing_ = false;
      WriteNext();
    });
  }
  void OnCancel() override {
    loop_.Post([this] {
      call_.reset();
      // What nobody will read is not kept waiting, but for the event that is
      // being written.
      events_.resize(writing_ ? 1 : 0);
      End(grpc::Status::CANCELLED);
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
    if (delta.has_started()) return SayStarted(delta.started());
    SayStarted(pb::Started());
    FoldDelta(delta, answer_);
    events_.push_back(delta);
    WriteNext();
  }

  void OnDone(absl::StatusOr<pb::InvokeResponse> result) override {
    if (!result.ok()) return End(ToGrpcStatus(result.status()));
    SayStarted(pb::Started());
    answer_.MergeFrom(*result);
    *events_.emplace_back().mutable_final() = std::move(answer_);
    End(grpc::Status::OK);
  }

  // Whoever replays a stored answer says `started` itself; else it is said
  // when the answer begins.
  void SayStarted(const pb::Started& hint) {
    if (std::exchange(said_started_, true)) return;
    pb::Started& started = *events_.emplace_back().mutable_started();
    started = hint;
    started.set_request_id(request_id_);
    if (started.model().empty()) started.set_model(model_);
  }

  void End(grpc::Status status) {
    if (std::exchange(ended_, true)) return;
    status_ = std::move(status);
    WriteNext();
  }

  // One write at a time, then the end. No buffer hints: with gRPC 1.51 a
  // hinted write may end only when the next one is started, which waits for it.
  void WriteNext() {
    if (writing_ || finished_) return;
    if (!events_.empty()) {
      writing_ = true;
      StartWrite(&events_.front());
    } else if (ended_) {
      finished_ = true;
      Finish(status_);
    }
  }

  EventLoop& loop_;
  ActiveCalls& calls_;
  std::string request_id_;
  std::string model_;
  std::deque<pb::InvokeEvent> events_;
  pb::InvokeResponse answer_;
  bool said_started_ = false;
  bool writing_ = false;
  bool ended_ = false;
  bool finished_ = false;
  grpc::Status status_;
  std::unique_ptr<ChatCall> call_;
};

}  // namespace

grpc::ServerWriteReactor<pb::InvokeEvent>* NewStreamReactor(
    EventLoop& loop, ChatBackend& chat, ActiveCalls& calls,
    ChatRequest request) {
  auto* reactor = new StreamReactor(loop, calls);
  reactor->Begin(chat, std::move(request));
  return reactor;
}

}  // namespace holysheep
