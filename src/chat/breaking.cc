#include "chat/breaking.h"

#include <algorithm>
#include <list>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "chat/effort.h"
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
      break;
    default:
      return Outcome::kNeutral;
  }
  // Some of these may succeed when tried again, and have such a reason.
  const int http_status = DetailsOf(status).http_status;
  const bool is_4xx = http_status >= 400 && http_status < 500;
  return is_4xx ? Outcome::kNeutral : Outcome::kFailure;
}

class BreakingCall;

class Breaking final : public ChatBackend {
 public:
  Breaking(EventLoop& loop, BreakerBoard& board,
           std::unique_ptr<ChatBackend> next)
      : loop_(loop), board_(board), next_(std::move(next)) {}

  std::unique_ptr<ChatCall> Start(const ChatRequest& request,
                                  ChatObserver& observer) override;

  // The calls under way, those that still wait for the limits included.
  using Calls = std::list<BreakingCall*>;
  Calls::iterator Enter(BreakingCall* call) {
    return calls_.insert(calls_.end(), call);
  }
  void Leave(Calls::iterator place) { calls_.erase(place); }

  // Counts how one attempt has ended.
  void Record(const std::string& model, CircuitBreaker::Pass pass,
              Outcome outcome) {
    board_.Record(model, pass, outcome, loop_.Now());
  }
  // If the circuit is open, keeps those away from the upstream who have not
  // reached it yet.
  void RefuseWaiting(const std::string& model);

 private:
  absl::Status CircuitOpen(const std::string& model) const;

  EventLoop& loop_;
  BreakerBoard& board_;
  Calls calls_;
  const std::unique_ptr<ChatBackend> next_;
};

class BreakingCall final : public ChatCall, ChatObserver {
 public:
  BreakingCall(Breaking& owner, CircuitBreaker::Pass pass,
               const ChatRequest& request, ChatObserver& observer)
      : owner_(owner),
        pass_(pass),
        model_(request.model),
        effort_(request.effort),
        attempts_before_(effort_ == nullptr ? 0 : effort_->attempts),
        observer_(observer),
        place_(owner.Enter(this)) {}

  ~BreakingCall() override {
    if (place_.has_value()) End(Outcome::kNeutral);
  }

  void Start(ChatBackend& next, const ChatRequest& request) {
    call_ = next.Start(request, *this);
  }

  bool WaitsFor(const std::string& model) const {
    return model_ == model && effort_ != nullptr &&
           effort_->attempts == attempts_before_;
  }

  void Refuse(const absl::Status& error) {
    call_.reset();
    End(Outcome::kNeutral);
    observer_.OnDone(error);
  }

 private:
  void OnDelta(const pb::InvokeEvent& delta) override {
    observer_.OnDelta(delta);
  }
  void OnDone(absl::StatusOr<pb::InvokeResponse> result) override {
    const Outcome outcome = OutcomeOf(result.status());
    Breaking& owner = owner_;
    const std::string model = model_;
    End(outcome);
    observer_.OnDone(std::move(result));  // This call may be gone now.
    if (outcome == Outcome::kFailure) owner.RefuseWaiting(model);
  }

  void End(Outcome outcome) {
    owner_.Leave(*std::exchange(place_, std::nullopt));
    owner_.Record(model_, pass_, outcome);
  }

  Breaking& owner_;
  const CircuitBreaker::Pass pass_;
  const std::string model_;
  const std::shared_ptr<const Effort> effort_;
  const int attempts_before_;
  ChatObserver& observer_;
  // None once it has ended.
  std::optional<Breaking::Calls::iterator> place_;
  std::unique_ptr<ChatCall> call_;
};

std::unique_ptr<ChatCall> Breaking::Start(const ChatRequest& request,
                                          ChatObserver& observer) {
  const CircuitBreaker::Pass pass = board_.Allow(request.model, loop_.Now());
  if (!pass.allowed) {
    return FailedCall(loop_, observer, CircuitOpen(request.model));
  }
  auto call = std::make_unique<BreakingCall>(*this, pass, request, observer);
  call->Start(*next_, request);
  return call;
}

void Breaking::RefuseWaiting(const std::string& model) {
  const CircuitBreaker::State state = board_.Look(model, loop_.Now()).state;
  if (state != CircuitBreaker::State::kOpen) return;
  const auto waits = [&model](const BreakingCall* call) {
    return call->WaitsFor(model);
  };
  // Looked for anew each time, since a refusal may end other calls, too; and
  // from the end, where those are who came last.
  for (;;) {
    const auto last = std::find_if(calls_.rbegin(), calls_.rend(), waits);
    if (last == calls_.rend()) return;
    (*last)->Refuse(CircuitOpen(model));
  }
}

absl::Status Breaking::CircuitOpen(const std::string& model) const {
  const BreakerBoard::Entry entry = board_.Look(model, loop_.Now());
  ErrorDetails details;
  details.retry_after = entry.retry_after;
  return MakeError(
      Reason::kCircuitOpen,
      absl::StrCat("the upstream failed ", entry.failures,
                   " times in a row for ", model,
                   "; calls are kept away from it until a probe succeeds"),
      details);
}

}  // namespace

std::unique_ptr<ChatBackend> Break(EventLoop& loop, BreakerBoard& board,
                                   std::unique_ptr<ChatBackend> next) {
  return std::make_unique<Breaking>(loop, board, std::move(next));
}

}  // namespace holysheep
