#include "layers/deadline_layer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "chat/answer.h"
#include "chat/failed_call.h"

namespace holysheep {
namespace {

// A call with less time than this is not started. gRPC counts deadlines in
// whole milliseconds and rounds up, so that one in the past may seem this far
// ahead.
constexpr absl::Duration kShortestCall = absl::Milliseconds(2);

absl::Status TotalTimeout(absl::Duration waited) {
  return MakeError(
      Reason::kTotalTimeout,
      absl::StrCat("no whole answer within ", absl::FormatDuration(waited),
                   ", the call's time from arrival to end"));
}

absl::Status Drained() {
  return MakeError(Reason::kDraining,
                   "this instance is shutting down, and the time it gives its "
                   "calls to end is over; call another one");
}

// A call is in `drain_deadline_` until it has ended. DrainDeadline::Begin takes
// a call out before it ends it, since that may destroy any other.

class ExpiringCall final : public ChatCall,
                           ChatObserver,
                           DrainDeadline::Running {
 public:
  ExpiringCall(EventLoop& loop, DrainDeadline& drain_deadline,
               const ChatRequest& request, ChatObserver& observer)
      : drain_deadline_(drain_deadline),
        observer_(observer),
        allowed_(request.deadline->at - request.arrived),
        timer_(loop.RunAfter(request.deadline->at - loop.Now(),
                             [this] { GiveUp(TotalTimeout(allowed_)); })) {
    drain_deadline_.Enter(*this);
  }
  ~ExpiringCall() override { drain_deadline_.Leave(*this); }

  void Start(ChatBackend& next, const ChatRequest& request) {
    call_ = next.Start(request, *this);
  }

 private:
  void OnDelta(const pb::InvokeEvent& delta) override {
    observer_.OnDelta(delta);
  }
  void OnDone(absl::StatusOr<Answer> result) override {
    timer_.reset();
    drain_deadline_.Leave(*this);
    observer_.OnDone(std::move(result));
  }
  void EndForDrain() override { GiveUp(Drained()); }

  void GiveUp(absl::Status why) {
    call_.reset();
    OnDone(std::move(why));
  }

  DrainDeadline& drain_deadline_;
  ChatObserver& observer_;
  const absl::Duration allowed_;
  std::unique_ptr<Timer> timer_;
  std::unique_ptr<ChatCall> call_;
};

class Expiring final : public ChatBackend {
 public:
  Expiring(EventLoop& loop, DrainDeadline& drain_deadline,
           std::unique_ptr<ChatBackend> next)
      : loop_(loop), drain_deadline_(drain_deadline), next_(std::move(next)) {}

  std::unique_ptr<ChatCall> Start(const ChatRequest& request,
                                  ChatObserver& observer) override {
    if (request.deadline->at - loop_.Now() < kShortestCall) {
      const absl::Duration late = request.deadline->at - request.arrived;
      return FailedCall(loop_, observer, TotalTimeout(late));
    }
    if (drain_deadline_.has_begun())
      return FailedCall(loop_, observer, Drained());
    auto call = std::make_unique<ExpiringCall>(loop_, drain_deadline_, request,
                                               observer);
    call->Start(*next_, request);
    return call;
  }

 private:
  EventLoop& loop_;
  DrainDeadline& drain_deadline_;
  const std::unique_ptr<ChatBackend> next_;
};

}  // namespace

void DrainDeadline::Begin() {
  has_begun_ = true;
  while (!running_.empty()) {
    Running* const running = *running_.begin();
    running_.erase(running);
    running->EndForDrain();
  }
}

std::unique_ptr<ChatBackend> DeadlineLayer(EventLoop& loop,
                                           DrainDeadline& drain_deadline,
                                           std::unique_ptr<ChatBackend> next) {
  return std::make_unique<Expiring>(loop, drain_deadline, std::move(next));
}

}  // namespace holysheep
