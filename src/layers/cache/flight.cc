#include "layers/cache/flight.h"

#include <algorithm>
#include <list>
#include <utility>

#include "base/errors.h"
#include "chat/attempt_stats.h"
#include "chat/first_answer.h"
#include "chat/patience.h"
#include "holysheep/node/v1/chat.pb.h"
#include "layers/cache/own_call.h"
#include "layers/cache/reader_timeout.h"
#include "layers/cache/replay.h"
#include "layers/cache/terms.h"
#include "upstream/progress_timer.h"

namespace holysheep {
// Invariants: `transcript_` only grows, and every reader has received exactly
// its beginning up to the reader's `position_`. The leader is the first reader,
// or a later one of a higher priority who joined while the flight waited. A
// reader is in `readers_` from Join until it is destroyed, has received the
// outcome or has run out of patience. `on_complete_` is called before any
// reader hears the outcome, and once: in one turn the answer is stored, the
// flight is closed and the call is released.

namespace {

class Reader;

class SharedFlight final : public Flight, ChatObserver {
 public:
  SharedFlight(EventLoop& loop, ChatBackend& next, const ChatRequest& request,
               OnComplete on_complete)
      : loop_(loop),
        next_(next),
        on_complete_(std::move(on_complete)),
        request_(Counted(request)),
        attempts_(request_) {}
  ~SharedFlight() override {
    request_.attempt_stats->on_asked = nullptr;
    Complete(nullptr);
  }

  void Start() {
    if (request_.unfinished == nullptr) {
      request_.unfinished = std::make_shared<Unfinished>();
    }
    // Objects of its own, since those who join may move them.
    deadline_ = std::make_shared<Deadline>(*request_.deadline);
    patience_ = std::make_shared<Patience>(PatienceOf(*request_.message));
    StartCall();
  }

  std::unique_ptr<ChatCall> Join(ChatBackend& again, const ChatRequest& request,
                                 ChatObserver& observer,
                                 StaleAnswer stale_answer) override;
  void Leave(Reader* reader) { readers_.remove(reader); }
  const Transcript& transcript() const { return transcript_; }
  const ChatRequest& request() const { return request_; }
  const Patience& patience() const { return *patience_; }
  EventLoop& loop() { return loop_; }
  ChatBackend& next() { return next_; }
  // Whether the limits have not let it go yet.
  bool waits() const { return attempts_.none(); }
  // When the upstream was asked, if it has not begun to answer.
  absl::Time asked() const { return request_.attempt_stats->asked; }
  // When it last said something.
  absl::Time heard() const { return heard_; }

 private:
  void OnDelta(const pb::InvokeEvent& delta) override;
  void OnDone(absl::StatusOr<Answer> result) override;
  void RearmAll();

  void StartCall() {
    ChatRequest request = request_;
    request.deadline = deadline_;
    request.patience = patience_;
    request_.attempt_stats->on_asked = [this] { RearmAll(); };
    call_ = next_.Start(request, *this);
  }
  // Waits on with the standing of `request`, which goes before all that have a
  // lower priority, so no place in the line is lost.
  void WaitAs(const ChatRequest& request);

  void Complete(const absl::StatusOr<Answer>* result) {
    const OnComplete on_complete = std::exchange(on_complete_, nullptr);
    if (on_complete != nullptr) on_complete(transcript_, result);
  }

  EventLoop& loop_;
  ChatBackend& next_;
  OnComplete on_complete_;
  // The leader's request.
  ChatRequest request_;
  AttemptsSince attempts_;
  std::shared_ptr<Deadline> deadline_;
  std::shared_ptr<Patience> patience_;
  Transcript transcript_;
  absl::Time heard_ = absl::InfinitePast();
  bool has_leader_ = false;
  std::list<Reader*> readers_;
  std::unique_ptr<ChatCall> call_;
};

class Reader final : public ChatCall {
 public:
  // `again` serves if the flight fails.
  Reader(std::shared_ptr<SharedFlight> flight, ChatBackend& again,
         const ChatRequest& request, bool leads, ChatObserver& observer,
         Flight::StaleAnswer stale_answer)
      : flight_(std::move(flight)),
        again_(again),
        request_(request),
        patience_(PatienceOf(*request.message)),
        leads_(leads),
        joined_(flight_->loop().Now()),
        observer_(observer),
        stale_answer_(std::move(stale_answer)),
        timer_(flight_->loop(), [this] { OnDeadline(); }) {}
  ~Reader() override {
    if (flight_ != nullptr) flight_->Leave(this);
  }

  // Catches up with the pieces so far on the next turn of the loop.
  void Follow() {
    if (flight_->transcript().end() == 0) return;
    catch_up_ =
        flight_->loop().RunAfter(absl::ZeroDuration(), [this] { CatchUp(); });
  }

  // `delta` has just been appended at position `begin`.
  void Hear(size_t begin, const pb::InvokeEvent& delta) {
    Rearm();
    if (position_ != begin) return CatchUp();
    position_ = flight_->transcript().end();
    observer_.OnDelta(delta);
  }

  void FollowOnly() { leads_ = false; }
  // The flight has become more patient, or its upstream has been asked.
  void Rearm() {
    if (patience_ != flight_->patience()) timer_.SetDeadline(Due());
  }

  void Finish(const absl::StatusOr<Answer>& result, absl::Time now) {
    timer_.SetDeadline(absl::InfiniteFuture());
    CatchUp();
    if (!result.ok() && GiveStale(result.status(), now)) return;
    if (leads_) return observer_.OnDone(result);
    if (result.ok()) return observer_.OnDone(JoinedEnding(*result));
    TakeOverUnfinished(flight_->request(), request_);
    const bool again =
        position_ == 0 &&
        CouldSucceedAlone(result.status(), flight_->request(), request_);
    if (!again) return observer_.OnDone(result);
    own_ = again_.Start(request_, observer_);
  }

 private:
  void CatchUp() {
    position_ = flight_->transcript().ReadFrom(
        position_, [this](const auto& delta) { observer_.OnDelta(delta); });
  }

  bool GiveStale(const absl::Status& error, absl::Time now) {
    if (position_ != 0 || stale_answer_ == nullptr) return false;
    const auto stale = stale_answer_(error);
    if (stale == nullptr) return false;
    Replay(*stale, pb::CacheInfo::STALE, now, observer_);
    return true;
  }

  // When this reader's own patience runs out, where it is less than the
  // flight's, which has its own timers.
  absl::Time Due() const {
    const Patience& shared = flight_->patience();
    if (flight_->transcript().end() > 0) {
      return RunsOut(std::max(joined_, flight_->heard()), patience_.idle,
                     shared.idle);
    }
    if (flight_->waits())
      return RunsOut(joined_, patience_.queue, shared.queue);
    return RunsOut(std::max(joined_, flight_->asked()), patience_.first_token,
                   shared.first_token);
  }

  void OnDeadline() {
    const absl::Time now = flight_->loop().Now();
    if (now < Due()) return Rearm();
    LeaveWith(ReaderTimeout(flight_->transcript().end() > 0
                                ? Reason::kIdleTimeout
                            : flight_->waits() ? Reason::kRateLimitedLocal
                                               : Reason::kFirstTokenTimeout));
  }

  // May destroy this.
  void LeaveWith(const absl::Status& error) {
    CatchUp();
    flight_->Leave(this);
    catch_up_.reset();
    const absl::Time now = flight_->loop().Now();
    ChatBackend& next = flight_->next();
    flight_ = nullptr;  // May end it.
    if (GiveStale(error, now)) return;
    const bool has_another = !request_.message->fallback_models().empty();
    if (position_ != 0 || !has_another ||
        ReasonOf(error) != Reason::kFirstTokenTimeout) {
      return observer_.OnDone(error);
    }
    // The flight goes on to count in the statistics that it had from its
    // leader.
    if (leads_) request_.attempt_stats = nullptr;
    request_.first_failure = error;
    own_ = StartOwnCall(next, request_, observer_, pb::CacheInfo::MISS);
  }

  // Null once this reader has left it.
  std::shared_ptr<SharedFlight> flight_;
  ChatBackend& again_;
  ChatRequest request_;
  const Patience patience_;
  bool leads_;
  const absl::Time joined_;
  ChatObserver& observer_;
  const Flight::StaleAnswer stale_answer_;
  size_t position_ = 0;
  ProgressTimer timer_;
  std::unique_ptr<Timer> catch_up_;
  std::unique_ptr<ChatCall> own_;
};

std::unique_ptr<ChatCall> SharedFlight::Join(ChatBackend& again,
                                             const ChatRequest& request,
                                             ChatObserver& observer,
                                             StaleAnswer stale_answer) {
  deadline_->at = std::max(deadline_->at, request.deadline->at);
  patience_->RaiseTo(PatienceOf(*request.message));
  const bool rises = waits() && request.priority < request_.priority;
  if (rises) WaitAs(request);
  const bool leads = !std::exchange(has_leader_, true) || rises;
  auto self = std::static_pointer_cast<SharedFlight>(shared_from_this());
  auto reader = std::make_unique<Reader>(std::move(self), again, request, leads,
                                         observer, std::move(stale_answer));
  if (!leads) reader->Follow();
  readers_.push_back(reader.get());
  RearmAll();
  return reader;
}

void SharedFlight::WaitAs(const ChatRequest& request) {
  for (Reader* reader : readers_) reader->FollowOnly();
  const auto unfinished = request_.unfinished;
  request_.attempt_stats->on_asked = nullptr;
  request_ = Counted(request);
  request_.unfinished = unfinished;
  attempts_ = AttemptsSince(request_);
  call_.reset();
  StartCall();
}

void SharedFlight::RearmAll() {
  for (Reader* reader : readers_) reader->Rearm();
}

void SharedFlight::OnDelta(const pb::InvokeEvent& delta) {
  const size_t begin = transcript_.end();
  transcript_.Append(delta);
  heard_ = loop_.Now();
  for (Reader* reader : readers_) reader->Hear(begin, delta);
}

void SharedFlight::OnDone(absl::StatusOr<Answer> result) {
  const auto self = shared_from_this();  // Readers are released below.
  if (result.ok()) {
    result->response.mutable_cache_info()->set_outcome(pb::CacheInfo::MISS);
  }
  Complete(&result);
  call_.reset();  // Frees its slot for readers that start again.
  const absl::Time now = loop_.Now();
  while (!readers_.empty()) {
    Reader* const reader = readers_.front();
    readers_.pop_front();
    reader->Finish(result, now);
  }
}

}  // namespace

std::shared_ptr<Flight> StartFlight(EventLoop& loop, ChatBackend& next,
                                    const ChatRequest& request,
                                    Flight::OnComplete on_complete) {
  auto flight = std::make_shared<SharedFlight>(loop, next, request,
                                               std::move(on_complete));
  flight->Start();
  return flight;
}

}  // namespace holysheep
