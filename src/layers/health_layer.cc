#include "layers/health_layer.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/errors.h"
#include "chat/answer.h"
#include "chat/failed_call.h"
#include "layers/breaker_layer.h"

namespace holysheep {
namespace {

using Outcome = CircuitBreaker::Outcome;

// A client that cancels at its own deadline is earlier than ours by the time
// its request needed, and by up to a hundredth, because gRPC rounds time-outs
// up; twice that is allowed for.
constexpr absl::Duration kOnTheWay = absl::Milliseconds(100);
constexpr double kTimeoutRounding = 0.02;

// Only errors that concern the upstream's health count; a refusal by the
// service or a 4xx does not.
Outcome OutcomeOf(const absl::Status& status) {
  if (status.ok()) return Outcome::kSuccess;
  if (!RowOf(status).counts) return Outcome::kNeutral;
  // Some of these may succeed at another attempt and have such a reason.
  const ErrorDetails details = DetailsOf(status);
  const bool is_4xx = details.http_status >= 400 && details.http_status < 500;
  const bool says_nothing =
      is_4xx || details.callers_bound || details.unanswered;
  return says_nothing ? Outcome::kNeutral : Outcome::kFailure;
}

// Each pass that the registry grants is recorded exactly once: at the first
// piece of a probe, at the end, or when the call is destroyed. Otherwise a
// probe could block its model for ever.

class JudgedCall final : public ChatCall, ChatObserver {
 public:
  JudgedCall(EventLoop& loop, CircuitBreakerRegistry& breakers,
             CircuitBreaker::Pass pass, const ChatRequest& request,
             ChatObserver& observer)
      : loop_(loop),
        breakers_(breakers),
        pass_(pass),
        model_(request.model()),
        configured_(request.target->known),
        deadline_(request.deadline),
        heard_(loop.Now()),
        observer_(observer) {}

  ~JudgedCall() override { Record(AbandonedAt(loop_.Now())); }

  void Start(ChatBackend& next, const ChatRequest& request) {
    call_ = next.Start(request, *this);
  }

 private:
  void OnDelta(const pb::InvokeEvent& delta) override {
    heard_ = loop_.Now();
    if (pass_.has_value() && pass_->probe) {
      Record(Outcome::kSuccess);
      // It continues like any other call; the circuit is closed.
      pass_ = breakers_.Allow(model_, heard_);
    }
    observer_.OnDelta(delta);
  }
  void OnDone(absl::StatusOr<Answer> result) override {
    const int64_t event = result.ok() ? 0 : DetailsOf(result.status()).event;
    Record(OutcomeOf(result.status()), event);
    observer_.OnDone(std::move(result));  // May destroy this.
  }

  // A caller that leaves says nothing about the upstream, unless silence has
  // exhausted the deadline.
  Outcome AbandonedAt(absl::Time now) const {
    if (deadline_->at == absl::InfiniteFuture()) return Outcome::kNeutral;
    const absl::Duration apart =
        kOnTheWay + (deadline_->at - heard_) * kTimeoutRounding;
    const bool late = now + apart >= deadline_->at;
    return late && now - heard_ > breakers_.options().fair_silence
               ? Outcome::kFailure
               : Outcome::kNeutral;
  }

  // Called once for each pass.
  void Record(Outcome outcome, int64_t event = 0) {
    const auto pass = std::exchange(pass_, std::nullopt);
    if (!pass.has_value() || !pass->allowed) return;
    breakers_.Record(model_, *pass, outcome, loop_.Now(), event, configured_);
  }

  EventLoop& loop_;
  CircuitBreakerRegistry& breakers_;
  // Not set once the call has ended.
  std::optional<CircuitBreaker::Pass> pass_;
  const std::string model_;
  const bool configured_;
  const std::shared_ptr<const Deadline> deadline_;
  // When the upstream was asked or last said something.
  absl::Time heard_;
  ChatObserver& observer_;
  std::unique_ptr<ChatCall> call_;
};

class Judging final : public ChatBackend {
 public:
  Judging(EventLoop& loop, CircuitBreakerRegistry& breakers,
          std::unique_ptr<ChatBackend> next)
      : loop_(loop), breakers_(breakers), next_(std::move(next)) {}

  std::unique_ptr<ChatCall> Start(const ChatRequest& request,
                                  ChatObserver& observer) override {
    const auto pass = breakers_.Allow(request.model(), loop_.Now());
    if (!pass.allowed) {
      // In the turn in which the circuit shut, before waiting calls could be
      // refused.
      return FailedCall(
          loop_, observer,
          CircuitOpenError(breakers_.Look(request.model(), loop_.Now())));
    }
    auto call =
        std::make_unique<JudgedCall>(loop_, breakers_, pass, request, observer);
    call->Start(*next_, request);
    return call;
  }

 private:
  EventLoop& loop_;
  CircuitBreakerRegistry& breakers_;
  const std::unique_ptr<ChatBackend> next_;
};

}  // namespace

std::unique_ptr<ChatBackend> HealthLayer(EventLoop& loop,
                                         CircuitBreakerRegistry& breakers,
                                         std::unique_ptr<ChatBackend> next) {
  return std::make_unique<Judging>(loop, breakers, std::move(next));
}

}  // namespace holysheep
