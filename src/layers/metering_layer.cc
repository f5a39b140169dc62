#include "layers/metering_layer.h"

#include <optional>
#include <utility>

#include "base/errors.h"
#include "chat/answer.h"
#include "chat/attempt_stats.h"
#include "chat/failed_call.h"
#include "chat/routing_note.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

// Every call is recorded exactly once: at its end, or as cancelled when it is
// destroyed before. `waiting_` is set while `answer_` waits for its record to
// be kept; who hears of that on another thread does nothing but post.

// When a call that found too many answers waiting may come again.
constexpr absl::Duration kPause = absl::Seconds(1);

absl::Status LedgerIsBehind() {
  ErrorDetails details;
  details.retry_after = kPause;
  details.limit = "ledger";
  details.subject = "service";
  return MakeError(Reason::kQueueFull,
                   "too many answers wait for the disk of `ledger.path`",
                   details);
}

absl::Status NotKeptInTime() {
  return MakeError(Reason::kTotalTimeout,
                   "the answer is there, but the disk of `ledger.path` did not "
                   "take its record within the call's time");
}

class MeteringCall final : public ChatCall, ChatObserver {
 public:
  MeteringCall(EventLoop& loop, CallSink& sink, const ChatRequest& request,
               ChatObserver& observer)
      : loop_(loop),
        sink_(sink),
        request_(Counted(request)),
        observer_(observer) {}

  ~MeteringCall() override {
    if (waiting_ != nullptr) *waiting_ = nullptr;
    if (!done_) Tell(absl::CancelledError("the caller left"), nullptr);
  }

  void Start(ChatBackend& next) {
    call_ = sink_.HasRoom() ? next.Start(request_, *this)
                            : FailedCall(loop_, *this, LedgerIsBehind());
  }

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
    // No response says what a call has cost that failed.
    if (!result.ok() || sink_.IsKept()) {
      return observer_.OnDone(std::move(result));
    }
    answer_ = *std::move(result);
    WaitForRecord();
  }

  void WaitForRecord() {
    waiting_ = std::make_shared<MeteringCall*>(this);
    timer_ = loop_.RunAfter(request_.deadline->at - loop_.Now(),
                            [this] { Give(NotKeptInTime()); });
    sink_.WhenKept([&loop = loop_, waiting = waiting_] {
      loop.Post([waiting] {
        if (*waiting != nullptr) (*waiting)->Give(absl::OkStatus());
      });
    });
  }

  void Give(absl::Status status) {
    *std::exchange(waiting_, nullptr) = nullptr;
    timer_.reset();
    if (!status.ok()) return observer_.OnDone(std::move(status));
    observer_.OnDone(*std::move(answer_));
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
  std::optional<Answer> answer_;
  // Points to this until the answer is given. Read and written on the loop.
  std::shared_ptr<MeteringCall*> waiting_;
  std::unique_ptr<Timer> timer_;
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
