#include "layers/attempt_metrics_layer.h"

#include <utility>

#include "chat/answer.h"
#include "chat/attempt_stats.h"

namespace holysheep {
namespace {

class TrackedCall final : public ChatCall, ChatObserver {
 public:
  TrackedCall(EventLoop& loop, AttemptSink& sink, const ChatRequest& request,
              ChatObserver& observer)
      : loop_(loop),
        sink_(sink),
        request_(request),
        observer_(observer),
        started_(loop.Now()) {}

  ~TrackedCall() override {
    if (!done_) Tell(absl::CancelledError("the attempt was abandoned"));
  }

  void Start(ChatBackend& next) {
    if (request_.attempt_stats != nullptr) {
      retry_ = request_.attempt_stats->model == request_.model();
      request_.attempt_stats->model = request_.model();
    }
    call_ = next.Start(request_, *this);
  }

 private:
  void OnDelta(const pb::InvokeEvent& delta) override {
    observer_.OnDelta(delta);
  }
  void OnDone(absl::StatusOr<Answer> result) override {
    done_ = true;
    Tell(result.status());
    observer_.OnDone(std::move(result));
  }

  void Tell(const absl::Status& status) {
    const absl::Duration duration = loop_.Now() - started_;
    if (request_.attempt_stats != nullptr)
      request_.attempt_stats->upstream += duration;
    sink_.RecordAttempt({request_, status, retry_, duration});
  }

  EventLoop& loop_;
  AttemptSink& sink_;
  const ChatRequest request_;
  ChatObserver& observer_;
  const absl::Time started_;
  bool retry_ = false;
  bool done_ = false;
  std::unique_ptr<ChatCall> call_;
};

class Tracking final : public ChatBackend {
 public:
  Tracking(EventLoop& loop, AttemptSink& sink,
           std::unique_ptr<ChatBackend> next)
      : loop_(loop), sink_(sink), next_(std::move(next)) {}

  std::unique_ptr<ChatCall> Start(const ChatRequest& request,
                                  ChatObserver& observer) override {
    auto call = std::make_unique<TrackedCall>(loop_, sink_, request, observer);
    call->Start(*next_);
    return call;
  }

 private:
  EventLoop& loop_;
  AttemptSink& sink_;
  const std::unique_ptr<ChatBackend> next_;
};

}  // namespace

std::unique_ptr<ChatBackend> AttemptMetricsLayer(
    EventLoop& loop, AttemptSink& sink, std::unique_ptr<ChatBackend> next) {
  return std::make_unique<Tracking>(loop, sink, std::move(next));
}

}  // namespace holysheep
