#include "layers/metering_layer.h"

#include <utility>

#include "chat/answer.h"
#include "chat/attempt_stats.h"
#include "chat/routing_note.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

// Every call is recorded exactly once: at its end, or as cancelled when it is
// destroyed before.

class MeteringCall final : public ChatCall, ChatObserver {
 public:
  MeteringCall(EventLoop& loop, CallSink& sink, const ChatRequest& request,
               ChatObserver& observer)
      : loop_(loop),
        sink_(sink),
        request_(Counted(request)),
        observer_(observer) {}

  ~MeteringCall() override {
    if (!done_) Tell(absl::CancelledError("the caller left"), nullptr);
  }

  void Start(ChatBackend& next) { call_ = next.Start(request_, *this); }

 private:
  void OnDelta(const pb::InvokeEvent& delta) override {
    if (first_token_ == absl::InfinitePast() &&
        delta.event_case() != pb::InvokeEvent::kStarted) {
      first_token_ = loop_.Now();
    }
    observer_.OnDelta(delta);
  }

  void OnDone(absl::StatusOr<Answer> result) override {
    done_ = true;
    if (result.ok()) {
      pb::InvokeResponse& response = result->response;
      if (first_token_ != absl::InfinitePast()) {
        response.set_first_token_ms(
            absl::ToDoubleMilliseconds(first_token_ - request_.arrived));
      }
      response.set_latency_ms(
          absl::ToDoubleMilliseconds(loop_.Now() - request_.arrived));
      response.set_request_id(request_.message->request_id());
      NoteRouting(request_, response);
    }
    Tell(result.status(), result.ok() ? &*result : nullptr);
    observer_.OnDone(std::move(result));
  }

  void Tell(const absl::Status& status, const Answer* answer) {
    sink_.Record({request_, status, answer, loop_.Now() - request_.arrived});
  }

  EventLoop& loop_;
  CallSink& sink_;
  const ChatRequest request_;
  ChatObserver& observer_;
  bool done_ = false;
  absl::Time first_token_ = absl::InfinitePast();
  std::unique_ptr<ChatCall> call_;
};

class Metering final : public ChatBackend {
 public:
  Metering(EventLoop& loop, CallSink& sink, std::unique_ptr<ChatBackend> next)
      : loop_(loop), sink_(sink), next_(std::move(next)) {}

  std::unique_ptr<ChatCall> Start(const ChatRequest& request,
                                  ChatObserver& observer) override {
    auto call = std::make_unique<MeteringCall>(loop_, sink_, request, observer);
    call->Start(*next_);
    return call;
  }

 private:
  EventLoop& loop_;
  CallSink& sink_;
  const std::unique_ptr<ChatBackend> next_;
};

}  // namespace

std::unique_ptr<ChatBackend> MeteringLayer(EventLoop& loop, CallSink& sink,
                                           std::unique_ptr<ChatBackend> next) {
  return std::make_unique<Metering>(loop, sink, std::move(next));
}

void MeterAnswer(CallSink& sink, const ChatRequest& request, absl::Time now,
                 Answer& answer) {
  pb::InvokeResponse& response = answer.response;
  const absl::Duration latency = now - request.arrived;
  response.set_latency_ms(absl::ToDoubleMilliseconds(latency));
  response.set_first_token_ms(response.latency_ms());
  response.set_request_id(request.message->request_id());
  NoteRouting(request, response);
  sink.Record({request, absl::OkStatus(), &answer, latency});
}

}  // namespace holysheep
