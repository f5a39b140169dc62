#include "layers/retry_layer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/random/distributions.h"
#include "base/errors.h"
#include "chat/answer.h"
#include "chat/attempt_stats.h"
#include "chat/empty_answer.h"
#include "holysheep/node/v1/chat.pb.h"
#include "layers/quota.h"
#include "policy/backoff.h"
#include "policy/retry_budget.h"

namespace holysheep {
namespace {

// The most by which a retry may be later than asked, so that callers who were
// refused together do not return together.
constexpr double kRetryAfterJitter = 0.1;

// The row of the reason, unless this single error is a lasting one.
bool CanAnotherTrySucceed(const absl::Status& error) {
  return RowOf(error).retried && !DetailsOf(error).lasting;
}

// A wait that the upstream has asked for gets no back-off jitter, unless it is
// shorter than our own wait.
absl::Status WithRetryAfter(const absl::Status& error, absl::Duration wait) {
  ErrorDetails details = DetailsOf(error);
  const auto asked = details.retry_after.value_or(absl::ZeroDuration());
  if (asked * (1 + kRetryAfterJitter) < wait) details.retry_after = wait;
  return MakeError(ReasonOf(error), error.message(), details);
}

struct Tools {
  EventLoop& loop;
  const RetryOptions& options;
  absl::BitGenRef random;
  RetryBudget budget;
  // The budget for retries after deadlines that callers have shortened.
  RetryBudget hasty;
  const std::unique_ptr<ChatBackend> next;
};

// Invariants: at most one attempt exists, and none while `timer_` runs, so that
// a waiting call holds no slot. After a delta has been passed on (`answered_`)
// the call is never repeated. A call counts once as traffic of the retry
// budget, however many attempts it takes. `request_` differs from the caller's
// only in `fresh_connection` and in having statistics.

class RetryingCall final : public ChatCall, ChatObserver {
 public:
  RetryingCall(Tools& tools, const ChatRequest& request, ChatObserver& observer)
      : tools_(tools),
        request_(Counted(request)),
        all_(request_),
        latest_(request_),
        observer_(observer) {}
  ~RetryingCall() override { CountTraffic(); }

  void StartAttempt() {
    ++attempts_;
    latest_ = AttemptsSince(request_);
    attempt_ = tools_.next->Start(request_, *this);
  }

 private:
  void OnDelta(const pb::InvokeEvent& delta) override {
    answered_ = true;
    observer_.OnDelta(delta);
  }

  void OnDone(absl::StatusOr<Answer> result) override {
    CountTraffic();
    if (result.ok()) return OnAnswer(*std::move(result));
    const absl::Status& error = result.status();
    const bool at_once = MayRetryAtOnce(error);
    if (!at_once && !MayRetry(error)) return Fail(Telling(error));
    const absl::Duration back_off = WaitAfter(error);
    const absl::Duration wait = at_once ? absl::ZeroDuration() : back_off;
    RetryBudget& budget =
        DetailsOf(error).callers_bound ? tools_.hasty : tools_.budget;
    if (!CanRetryAfter(wait, budget)) {
      return Fail(WithRetryAfter(error, back_off));
    }
    failure_ = error;
    retried_at_once_ |= at_once;
    // A connection without an answer may be dead without a sign of it.
    request_.fresh_connection =
        at_once || ReasonOf(error) == Reason::kFirstTokenTimeout;
    RetryAfter(wait);
  }

  void OnAnswer(Answer answer) {
    // If an answer that ended says nothing, another attempt may do better.
    const bool is_poor =
        !answered_ && SaysNothing(answer.response) &&
        answer.response.finish_reason() == pb::InvokeResponse::STOP;
    if (is_poor && attempts_ < MostAttempts()) {
      const absl::Duration wait = OwnWait();
      if (CanRetryAfter(wait, tools_.budget)) {
        poor_answer_ = std::move(answer);
        return RetryAfter(wait);
      }
    }
    Give(std::move(answer));
  }

  void Give(Answer answer) {
    all_.Fill(answer.response);
    observer_.OnDone(std::move(answer));
  }

  // An answer that says nothing is better than none.
  void Fail(const absl::Status& error) {
    if (poor_answer_.has_value() && !answered_) {
      return Give(*std::move(poor_answer_));
    }
    observer_.OnDone(error);
  }

  bool CanRetryAfter(absl::Duration wait, RetryBudget& budget) {
    const absl::Time now = tools_.loop.Now();
    return now + wait < request_.deadline->at &&
           budget.TryRetry(now, request_.caller->name);
  }

  void RetryAfter(absl::Duration wait) {
    // An ended attempt holds no slot while the next one waits.
    attempt_.reset();
    timer_ = tools_.loop.RunAfter(wait, [this] { StartAttempt(); });
  }

  // A call that never reached the upstream does not count as traffic.
  void CountTraffic() {
    if (counted_ || all_.none()) return;
    counted_ = true;
    tools_.budget.RecordAttempt(tools_.loop.Now(), request_.caller->name);
  }

  // If there is no room for a retry, the failure that it was for says more, and
  // may lead to a fallback or an older answer.
  absl::Status Telling(const absl::Status& error) const {
    if (failure_.ok() || !IsOwnRefusal(error)) return error;
    if (!latest_.none()) return error;
    const auto wait = DetailsOf(error).retry_after;
    return wait.has_value() ? WithRetryAfter(failure_, *wait) : failure_;
  }

  // A model that is silent is not asked twice where another can be asked.
  bool MayRetry(const absl::Status& error) const {
    const bool is_left = request_.has_another_model &&
                         ReasonOf(error) == Reason::kFirstTokenTimeout;
    return !answered_ && !is_left && attempts_ < MostAttempts() &&
           CanAnotherTrySucceed(error);
  }

  int MostAttempts() const {
    return std::min<int>(request_.message->max_attempts(),
                         tools_.options.max_attempts);
  }

  // A connection that had died says nothing about the upstream. One more
  // attempt is therefore allowed in addition to `max_attempts`, or a call with
  // a single attempt would fail because of it. It is counted like any other.
  bool MayRetryAtOnce(const absl::Status& error) const {
    return !answered_ && !retried_at_once_ && DetailsOf(error).unanswered;
  }

  absl::Duration WaitAfter(const absl::Status& error) const {
    const std::optional<absl::Duration> asked = DetailsOf(error).retry_after;
    if (!asked.has_value()) return OwnWait();
    const double later =
        absl::Uniform(tools_.random, 1.0, 1.0 + kRetryAfterJitter);
    return std::max(OwnWait(), *asked * later);
  }

  // Returns the back-off before the next attempt.
  absl::Duration OwnWait() const {
    return Backoff(attempts_, tools_.options.initial_backoff,
                   tools_.options.max_backoff, tools_.random);
  }

  Tools& tools_;
  ChatRequest request_;
  const AttemptsSince all_;
  AttemptsSince latest_;
  ChatObserver& observer_;
  int attempts_ = 0;
  bool answered_ = false;
  bool retried_at_once_ = false;
  bool counted_ = false;
  // The error that the latest attempt is to repair.
  absl::Status failure_;
  // The end of an answer that said nothing.
  std::optional<Answer> poor_answer_;
  std::unique_ptr<Timer> timer_;
  std::unique_ptr<ChatCall> attempt_;
};

class Retrying final : public ChatBackend {
 public:
  Retrying(EventLoop& loop, const RetryOptions& options, absl::BitGenRef random,
           std::unique_ptr<ChatBackend> next)
      : tools_{loop,
               options,
               random,
               RetryBudget(options.budget_ratio),
               RetryBudget(options.budget_ratio),
               std::move(next)} {}

  std::unique_ptr<ChatCall> Start(const ChatRequest& request,
                                  ChatObserver& observer) override {
    tools_.budget.SetRatio(tools_.options.budget_ratio);
    tools_.hasty.SetRatio(tools_.options.budget_ratio);
    auto call = std::make_unique<RetryingCall>(tools_, request, observer);
    call->StartAttempt();
    return call;
  }

 private:
  Tools tools_;
};

}  // namespace

std::unique_ptr<ChatBackend> RetryLayer(EventLoop& loop,
                                        const RetryOptions& options,
                                        absl::BitGenRef random,
                                        std::unique_ptr<ChatBackend> next) {
  return std::make_unique<Retrying>(loop, options, random, std::move(next));
}

}  // namespace holysheep
