#include "server/stream_reactor.h"

#include <memory>
#include <optional>
#include <string>
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
      // After whatever the call has to say at once.
      start_timer_ = loop_.RunAfter(absl::ZeroDuration(), [this] {
        SayStarted(pb::Started());
        WriteNext();
      });
    });
  }

 private:
  void OnWriteDone(bool) override {
    loop_.Post([this] {
      writing_ = false;
      WriteNext();
    });
  }
  void OnCancel() override {
    loop_.Post([this] {
      call_.reset();
      start_timer_.reset();
      // Nobody will read what still waits.
      position_ = transcript_.end();
      started_.reset();
      final_.reset();
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
    SayStarted(delta.started());
    transcript_.Append(delta);
    WriteNext();
  }

  void OnDone(absl::StatusOr<pb::InvokeResponse> result) override {
    if (!result.ok()) return End(ToGrpcStatus(result.status()));
    SayStarted(pb::Started());
    final_ = *std::move(result);
    End(grpc::Status::OK);
  }

  // Whoever replays a stored answer says `started` itself.
  void SayStarted(const pb::Started& hint) {
    if (std::exchange(said_started_, true)) return;
    started_ = hint;
    started_->set_request_id(request_id_);
    if (started_->model().empty()) started_->set_model(model_);
  }

  void End(grpc::Status status) {
    if (std::exchange(ended_, true)) return;
    start_timer_.reset();
    status_ = std::move(status);
    WriteNext();
  }

  // One write at a time, then the end. No buffer hints: with gRPC 1.51 a
  // hinted write may end only when the next one is started, which waits for it.
  void WriteNext() {
    if (writing_ || finished_) return;
    if (TakeNext()) {
      writing_ = true;
      StartWrite(&event_);
    } else if (ended_) {
      finished_ = true;
      Finish(status_);
    }
  }

  // Makes `event_` the next one to write, if there is one.
  bool TakeNext() {
    if (started_.has_value()) {
      *event_.mutable_started() = *std::exchange(started_, std::nullopt);
    } else if (position_ < transcript_.end()) {
      position_ = transcript_.ReadOne(position_, event_);
    } else if (final_.has_value()) {
      pb::InvokeResponse& answer = *event_.mutable_final();
      answer = *std::exchange(final_, std::nullopt);
      FoldTranscript(transcript_.packed(), answer);
    } else {
      return false;
    }
    return true;
  }

  EventLoop& loop_;
  ActiveCalls& calls_;
  std::string request_id_;
  std::string model_;
  // What is still to be written: these three in this order. Packed, because
  // a slow reader may leave a whole answer waiting.
  std::optional<pb::Started> started_;
  Transcript transcript_;
  std::optional<pb::InvokeResponse> final_;
  // Up to where the transcript has been written.
  size_t position_ = 0;
  // The event that is being written.
  pb::InvokeEvent event_;
  bool said_started_ = false;
  bool writing_ = false;
  bool ended_ = false;
  bool finished_ = false;
  grpc::Status status_;
  std::unique_ptr<Timer> start_timer_;
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
