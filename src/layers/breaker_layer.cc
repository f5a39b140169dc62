#include "layers/breaker_layer.h"

#include <algorithm>
#include <list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "chat/answer.h"
#include "chat/attempt_stats.h"
#include "chat/failed_call.h"

namespace holysheep {
namespace {

// Invariants: `calls_` holds exactly the calls that have not ended, in order of
// arrival; each removes itself before its observer hears of the end. A call is
// refused only while its statistics show no attempt of its own, so an attempt
// that has started is never interrupted.

// Callers read a wait of 0 as none.
constexpr absl::Duration kLeastWait = absl::Milliseconds(1);

class BreakingCall;

class Breaking final : public ChatBackend {
 public:
  Breaking(EventLoop& loop, CircuitBreakerRegistry& breakers,
           std::unique_ptr<ChatBackend> next)
      : loop_(loop), breakers_(breakers), next_(std::move(next)) {
    breakers_.SetOnShut([this](const std::string& model) { OnShut(model); });
  }
  ~Breaking() override { breakers_.SetOnShut(nullptr); }

  std::unique_ptr<ChatCall> Start(const ChatRequest& request,
                                  ChatObserver& observer) override;

  // The running calls, including those that wait for the limits.
  using Calls = std::list<BreakingCall*>;
  Calls::iterator Enter(BreakingCall* call) {
    return calls_.insert(calls_.end(), call);
  }
  void Leave(Calls::iterator place) { calls_.erase(place); }

  // If calls are kept away from `model`, refuses those that have not reached
  // the upstream yet.
  void RefuseWaiting(const std::string& model);

 private:
  // The waiting calls are refused on the next turn, because a call may be
  // ending now.
  void OnShut(const std::string& model) {
    shut_.push_back(model);
    if (shut_.size() > 1) return;
    soon_ = loop_.RunAfter(absl::ZeroDuration(), [this] {
      for (const std::string& shut : std::exchange(shut_, {})) {
        RefuseWaiting(shut);
      }
    });
  }
  EventLoop& loop_;
  CircuitBreakerRegistry& breakers_;
  Calls calls_;
  // The models whose circuits have shut in this turn.
  std::vector<std::string> shut_;
  std::unique_ptr<Timer> soon_;
  const std::unique_ptr<ChatBackend> next_;
};

class BreakingCall final : public ChatCall, ChatObserver {
 public:
  BreakingCall(Breaking& owner, const ChatRequest& request,
               ChatObserver& observer)
      : owner_(owner),
        model_(request.model()),
        attempts_(request),
        observer_(observer),
        place_(owner.Enter(this)) {}

  ~BreakingCall() override { Leave(); }

  void Start(ChatBackend& next, const ChatRequest& request) {
    call_ = next.Start(request, *this);
  }

  bool WaitsFor(const std::string& model) const {
    return model_ == model && attempts_.none();
  }

  void Refuse(const absl::Status& error) {
    call_.reset();
    Leave();
    observer_.OnDone(error);
  }

 private:
  void OnDelta(const pb::InvokeEvent& delta) override {
    observer_.OnDelta(delta);
  }
  void OnDone(absl::StatusOr<Answer> result) override {
    Leave();
    const bool failed = !result.ok();
    Breaking& owner = owner_;
    const std::string model = model_;
    observer_.OnDone(std::move(result));  // May destroy this.
    if (failed) owner.RefuseWaiting(model);
  }

  void Leave() {
    if (place_.has_value()) owner_.Leave(*std::exchange(place_, std::nullopt));
  }

  Breaking& owner_;
  const std::string model_;
  const AttemptsSince attempts_;
  ChatObserver& observer_;
  // Not set once the call has ended.
  std::optional<Breaking::Calls::iterator> place_;
  std::unique_ptr<ChatCall> call_;
};

std::unique_ptr<ChatCall> Breaking::Start(const ChatRequest& request,
                                          ChatObserver& observer) {
  const CircuitBreakerRegistry::Entry entry =
      breakers_.Look(request.model(), loop_.Now());
  if (entry.shut) return FailedCall(loop_, observer, CircuitOpenError(entry));
  auto call = std::make_unique<BreakingCall>(*this, request, observer);
  call->Start(*next_, request);
  return call;
}

void Breaking::RefuseWaiting(const std::string& model) {
  const auto waits = [&model](const BreakingCall* call) {
    return call->WaitsFor(model);
  };
  // Searched again each time, since a refusal may end other calls too, and from
  // the end, where the latest calls are.
  for (;;) {
    const CircuitBreakerRegistry::Entry entry =
        breakers_.Look(model, loop_.Now());
    if (!entry.shut) return;
    const auto last = std::find_if(calls_.rbegin(), calls_.rend(), waits);
    if (last == calls_.rend()) return;
    (*last)->Refuse(CircuitOpenError(entry));
  }
}

}  // namespace

std::unique_ptr<ChatBackend> BreakerLayer(EventLoop& loop,
                                          CircuitBreakerRegistry& breakers,
                                          std::unique_ptr<ChatBackend> next) {
  return std::make_unique<Breaking>(loop, breakers, std::move(next));
}

absl::Status CircuitOpenError(const CircuitBreakerRegistry::Entry& entry) {
  ErrorDetails details;
  details.retry_after = std::max(entry.retry_after, kLeastWait);
  return MakeError(
      Reason::kCircuitOpen,
      absl::StrCat("the upstream failed ", entry.failures,
                   " times in a row for ", entry.model,
                   "; calls are kept away from it until a probe succeeds"),
      details);
}

}  // namespace holysheep
