#include "chat/breaking.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "chat/settled_call.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

using Outcome = CircuitBreaker::Outcome;

// Only what speaks of the upstream's health counts; a refusal of ours or a
// 4xx says nothing about it.
Outcome OutcomeOf(const absl::Status& status) {
  if (status.ok()) return Outcome::kSuccess;
  switch (ReasonOf(status)) {
    case Reason::kUpstream5xx:
    case Reason::kUpstreamConnect:
    case Reason::kConnectTimeout:
    case Reason::kFirstTokenTimeout:
    case Reason::kIdleTimeout:
    case Reason::kUpstreamMalformed:
    case Reason::kStreamTruncated:
      return Outcome::kFailure;
    default:
      return Outcome::kNeutral;
  }
}

class BreakingCall final : public ChatCall, ChatObserver {
 public:
  BreakingCall(EventLoop& loop, BreakerBoard& board, CircuitBreaker::Pass pass,
               ChatObserver& observer)
      : loop_(loop), board_(board), pass_(pass), observer_(observer) {}

  ~BreakingCall() override {
    if (!done_) board_.Record(model_, pass_, Outcome::kNeutral, loop_.Now());
  }

  void Start(ChatBackend& next, const ChatRequest& request) {
    model_ = request.model;
    call_ = next.Start(request, *this);
  }

 private:
  void OnDelta(const pb::InvokeEvent& delta) override {
    observer_.OnDelta(delta);
  }
  void OnDone(absl::StatusOr<pb::InvokeResponse> result) override {
    done_ = true;
    board_.Record(model_, pass_, OutcomeOf(result.status()), loop_.Now());
    observer_.OnDone(std::move(result));
  }

  EventLoop& loop_;
  BreakerBoard& board_;
  const CircuitBreaker::Pass pass_;
  ChatObserver& observer_;
  std::string model_;
  bool done_ = false;
  std::unique_ptr<ChatCall> call_;
};

class Breaking final : public ChatBackend {
 public:
  Breaking(EventLoop& loop, BreakerBoard& board,
           std::unique_ptr<ChatBackend> next)
      : loop_(loop), board_(board), next_(std::move(next)) {}

  std::unique_ptr<ChatCall> Start(const ChatRequest& request,
                                  ChatObserver& observer) override {
    const absl::Time now = loop_.Now();
    const CircuitBreaker::Pass pass = board_.Allow(request.model, now);
    if (!pass.allowed) {
      return FailedCall(loop_, observer, CircuitOpen(request.model, now));
    }
    auto call = std::make_unique<BreakingCall>(loop_, board_, pass, observer);
    call->Start(*next_, request);
    return call;
  }

 private:
  absl::Status CircuitOpen(const std::string& model, absl::Time now) const {
    const BreakerBoard::Entry entry = board_.Look(model, now);
    ErrorDetails details;
    details.retry_after = entry.retry_after;
    return MakeError(
        Reason::kCircuitOpen,
        absl::StrCat("the upstream failed ", entry.failures,
                     " times in a row for ", model,
                     "; calls are kept away from it until a probe succeeds"),
        details);
  }

  EventLoop& loop_;
  BreakerBoard& board_;
  const std::unique_ptr<ChatBackend> next_;
};

}  // namespace

std::unique_ptr<ChatBackend> Break(EventLoop& loop, BreakerBoard& board,
                                   std::unique_ptr<ChatBackend> next) {
  return std::make_unique<Breaking>(loop, board, std::move(next));
}

}  // namespace holysheep
