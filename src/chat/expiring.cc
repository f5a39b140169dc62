#include "chat/expiring.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "chat/settled_call.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

// A call with less time than this is not begun. gRPC counts deadlines in whole
// milliseconds and rounds up, so that one already past can look this far away.
constexpr absl::Duration kShortestCall = absl::Milliseconds(2);

absl::Status TotalTimeout(absl::Duration waited) {
  return MakeError(
      Reason::kTotalTimeout,
      absl::StrCat("no whole answer within ", absl::FormatDuration(waited),
                   ", the call's time from arrival to end"));
}

class ExpiringCall final : public ChatCall, ChatObserver {
 public:
  ExpiringCall(EventLoop& loop, ChatBackend& next, const ChatRequest& request,
               ChatObserver& observer)
      : observer_(observer),
        allowed_(request.deadline->at - request.arrived),
        timer_(loop.RunAfter(request.deadline->at - loop.Now(),
                             [this] { GiveUp(); })),
        call_(next.Start(request, *this)) {}

 private:
  void OnDelta(const pb::InvokeEvent& delta) override {
    observer_.OnDelta(delta);
  }
  void OnDone(absl::StatusOr<pb::InvokeResponse> result) override {
    timer_.reset();
    observer_.OnDone(std::move(result));
  }
  void GiveUp() {
    call_.reset();
    observer_.OnDone(TotalTimeout(allowed_));
  }

  ChatObserver& observer_;
  const absl::Duration allowed_;
  std::unique_ptr<Timer> timer_;
  std::unique_ptr<ChatCall> call_;
};

class Expiring final : public ChatBackend {
 public:
  Expiring(EventLoop& loop, std::unique_ptr<ChatBackend> next)
      : loop_(loop), next_(std::move(next)) {}

  std::unique_ptr<ChatCall> Start(const ChatRequest& request,
                                  ChatObserver& observer) override {
    if (request.deadline->at - loop_.Now() < kShortestCall) {
      const absl::Duration late = request.deadline->at - request.arrived;
      return FailedCall(loop_, observer, TotalTimeout(late));
    }
    return std::make_unique<ExpiringCall>(loop_, *next_, request, observer);
  }

 private:
  EventLoop& loop_;
  const std::unique_ptr<ChatBackend> next_;
};

}  // namespace

std::unique_ptr<ChatBackend> Expire(EventLoop& loop,
                                    std::unique_ptr<ChatBackend> next) {
  return std::make_unique<Expiring>(loop, std::move(next));
}

}  // namespace holysheep
