#include "layers/admission_layer.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "chat/answer.h"
#include "chat/attempt_stats.h"
#include "chat/failed_call.h"
#include "layers/partial_use.h"
#include "layers/quota.h"
#include "policy/fair_queue.h"

namespace holysheep {
namespace {

// Invariants: a call waits (`ticket_`), runs (`reservation_`) or has ended. Its
// slot and reservation are returned once, before its observer hears of the end.
// Only Start and Pump call Go, and Pump runs in a turn of its own. While calls
// wait, a Pump is posted, `wake_timer_` runs, or a running call has to end.
constexpr size_t kHardMaxQueue = 1'000'000;
class AdmittedCall;
using Queue = FairQueue<AdmittedCall*>;
using Ticket = Queue::Ticket;

class Admission final : public ChatBackend {
 public:
  Admission(EventLoop& loop, Limiter& limiter, const AdmissionOptions& options,
            AdmissionGauges& gauges, std::unique_ptr<ChatBackend> next)
      : loop_(loop),
        limiter_(limiter),
        options_(options),
        gauges_(gauges),
        queue_(kHardMaxQueue),
        next_(std::move(next)) {}

  std::unique_ptr<ChatCall> Start(const ChatRequest& request,
                                  ChatObserver& observer) override;

  void Leave(Ticket ticket) {
    queue_.Remove(ticket);
    PumpLater();
  }
  // Posted, because the call that has just ended may still be running code.
  void PumpLater() {
    gauges_.queue = static_cast<int64_t>(queue_.size());
    if (queue_.empty()) return;
    loop_.Post([this] { Pump(); });
  }
  // Why a call with this quota must still wait.
  absl::Status ExplainWait(const QuotaRequest& quota) {
    const auto refusal = limiter_.Check(loop_.Now(), quota);
    return RefusalError(
        refusal.value_or(Limiter::Refusal{.limit = Limit::kMaxConcurrent}),
        loop_.Now());
  }
  Limiter::Reservation Take(const QuotaRequest& quota) {
    ++gauges_.attempts;
    return limiter_.Take(loop_.Now(), quota);
  }
  EventLoop& loop() { return loop_; }
  Limiter& limiter() { return limiter_; }
  absl::Duration max_queue_wait() const { return options_.max_queue_wait; }
  ChatBackend& next() { return *next_; }

 private:
  absl::Status Enqueue(AdmittedCall& call);
  std::optional<Limiter::Refusal> PredictRefusal(const AdmittedCall& call,
                                                 absl::Time now);
  void Pump();
  EventLoop& loop_;
  Limiter& limiter_;
  const AdmissionOptions& options_;
  AdmissionGauges& gauges_;
  Queue queue_;
  // Fires when the first call that waits for a window may go.
  std::unique_ptr<Timer> wake_timer_;
  const std::unique_ptr<ChatBackend> next_;
};

// One attempt, first waiting and then running.
class AdmittedCall final : public ChatCall, ChatObserver {
 public:
  AdmittedCall(Admission& owner, const ChatRequest& request,
               ChatObserver& observer)
      : owner_(owner),
        request_(request),
        observer_(observer),
        quota_request_(QuotaRequestFor(request)),
        asked_(owner.loop().Now()) {}

  ~AdmittedCall() override {
    if (ticket_.has_value()) owner_.Leave(*ticket_);
    call_.reset();
    if (!reservation_.has_value()) return;
    Settle(absl::CancelledError());
    Release();
  }

  void Wait(Ticket ticket) {
    ticket_ = ticket;
    wait_timer_ = owner_.loop().RunAfter(latest() - owner_.loop().Now(),
                                         [this] { GiveUp(); });
  }

  // Refuses on the next turn of the loop, because waiting is in vain.
  void RefuseSoon() {
    wait_timer_ =
        owner_.loop().RunAfter(absl::ZeroDuration(), [this] { Refuse(); });
  }

  absl::Time latest() const {
    return LatestStart(request_, asked_, owner_.max_queue_wait());
  }

  // REQUIRES: the limiter admits the call, and it has left the queue.
  void Go() {
    ticket_.reset();
    wait_timer_.reset();
    reservation_ = owner_.Take(quota_request_);
    admitted_ = owner_.loop().Now();
    if (request_.attempt_stats != nullptr) ++request_.attempt_stats->attempts;
    NoteWait();
    call_ = owner_.next().Start(request_, *this);
  }

  const ChatRequest& request() const { return request_; }
  const QuotaRequest& quota() const { return quota_request_; }

 private:
  void OnDelta(const pb::InvokeEvent& delta) override {
    streamed_bytes_ += ContentBytes(delta);
    observer_.OnDelta(delta);
  }

  void OnDone(absl::StatusOr<Answer> result) override {
    Settle(result);
    Release();
    if (result.ok()) {
      pb::InvokeResponse& response = result->response;
      response.set_queue_ms(response.queue_ms() +
                            absl::ToDoubleMilliseconds(admitted_ - asked_));
    }
    observer_.OnDone(std::move(result));
  }

  void Settle(const absl::StatusOr<Answer>& result) {
    if (result.ok()) {
      return SettleTo(
          result->response.usage().total_tokens(),
          result->cost.has_value() ? result->cost->total : quota_request_.cost);
    }
    const TokenCounts used =
        UnreportedUse(request_, result.status(), streamed_bytes_);
    SettleTo(used.prompt + used.completion, PriceFor(request_, used).total);
  }

  void SettleTo(int64_t tokens, Money cost) {
    owner_.limiter().Settle(owner_.loop().Now(), *reservation_, tokens, cost);
  }

  // Called before the observer hears of the end.
  void Release() {
    owner_.limiter().Release(*reservation_);
    reservation_.reset();
    owner_.PumpLater();
  }

  void NoteWait() {
    if (request_.attempt_stats == nullptr) return;
    request_.attempt_stats->queued += owner_.loop().Now() - asked_;
  }

  void GiveUp() {
    if (owner_.loop().Now() < latest()) return Wait(*ticket_);
    Refuse();
  }

  void Refuse() {
    owner_.Leave(*std::exchange(ticket_, std::nullopt));
    NoteWait();
    observer_.OnDone(owner_.ExplainWait(quota_request_));
  }

  Admission& owner_;
  const ChatRequest request_;
  ChatObserver& observer_;
  const QuotaRequest quota_request_;
  const absl::Time asked_;
  absl::Time admitted_;
  size_t streamed_bytes_ = 0;
  std::optional<Ticket> ticket_;
  std::unique_ptr<Timer> wait_timer_;
  std::optional<Limiter::Reservation> reservation_;
  std::unique_ptr<ChatCall> call_;
};

std::unique_ptr<ChatCall> Admission::Start(const ChatRequest& request,
                                           ChatObserver& observer) {
  auto call = std::make_unique<AdmittedCall>(*this, request, observer);
  if (queue_.empty() && !limiter_.Check(loop_.Now(), call->quota())) {
    call->Go();
    return call;
  }
  absl::Status refused = Enqueue(*call);
  if (!refused.ok()) return FailedCall(loop_, observer, std::move(refused));
  return call;
}

absl::Status Admission::Enqueue(AdmittedCall& call) {
  const ChatRequest& request = call.request();
  const size_t max_queue = options_.max_queue > 0
                               ? static_cast<size_t>(options_.max_queue)
                               : kHardMaxQueue;
  queue_.SetMaxSize(max_queue);
  // The other half is for interactive calls.
  if (request.priority == Priority::kBatch &&
      queue_.size(request.priority) >= max_queue / 2) {
    return QueueFullError(queue_.size());
  }
  const std::optional<Ticket> ticket =
      queue_.Push(request.caller->name, request.priority, &call);
  if (!ticket.has_value()) return QueueFullError(queue_.size());
  const absl::Time now = loop_.Now();
  const auto refusal = PredictRefusal(call, now);
  if (refusal && refusal->earliest.has_value() &&
      *refusal->earliest >= call.latest()) {
    queue_.Remove(*ticket);
    return RefusalError(*refusal, now);
  }
  PumpLater();
  call.Wait(*ticket);
  return absl::OkStatus();
}

// Returns the limit that will delay the call, after those ahead of it; nothing
// if it fits now, since Pump may let it overtake them.
std::optional<Limiter::Refusal> Admission::PredictRefusal(
    const AdmittedCall& call, absl::Time now) {
  if (!limiter_.Check(now, call.quota())) return std::nullopt;
  std::vector<const QuotaRequest*> ahead;
  ahead.reserve(queue_.size());
  queue_.Scan([&](const AdmittedCall* other) {
    if (other == &call) return Visit::kStop;
    ahead.push_back(&other->quota());
    return Visit::kKeep;
  });
  return limiter_.Check(now, call.quota(), ahead);
}

void Admission::Pump() {
  const absl::Time now = loop_.Now();
  // A call waits behind another that waits for the same limit, or a small
  // call could overtake a large one for ever.
  absl::flat_hash_set<Subject> crowded;
  absl::Time next_try = absl::InfiniteFuture();
  queue_.Scan([&](AdmittedCall* call) {
    const QuotaRequest& quota = call->quota();
    const auto is_crowded = [&crowded](const Gate& gate) {
      return crowded.contains(gate.subject);
    };
    if (std::any_of(quota.gates.begin(), quota.gates.end(), is_crowded)) {
      return Visit::kKeep;
    }
    const auto refusal = limiter_.Check(now, quota);
    if (!refusal) {
      call->Go();
      return Visit::kTake;
    }
    if (refusal->earliest) next_try = std::min(next_try, *refusal->earliest);
    if (refusal->limit == Limit::kBudgets) {
      // The money that others had reserved is spent now.
      if (refusal->earliest >= call->latest()) call->RefuseSoon();
      return Visit::kKeep;
    }
    if (refusal->subject.kind == SubjectKind::kService) return Visit::kStop;
    crowded.insert(refusal->subject);
    return Visit::kKeep;
  });
  gauges_.queue = static_cast<int64_t>(queue_.size());
  wake_timer_.reset();
  if (next_try == absl::InfiniteFuture()) return;
  wake_timer_ = loop_.RunAfter(next_try - now, [this] { Pump(); });
}

}  // namespace

std::unique_ptr<ChatBackend> AdmissionLayer(EventLoop& loop, Limiter& limiter,
                                            const AdmissionOptions& options,
                                            AdmissionGauges& gauges,
                                            std::unique_ptr<ChatBackend> next) {
  return std::make_unique<Admission>(loop, limiter, options, gauges,
                                     std::move(next));
}

}  // namespace holysheep
