#include "layers/cache/flight.h"

#include <algorithm>
#include <list>
#include <utility>

#include "chat/first_answer.h"
#include "holysheep/node/v1/chat.pb.h"
#include "layers/cache/replay.h"
#include "layers/cache/terms.h"

namespace holysheep {
// Invariants: `transcript_` only grows, and every reader has received exactly
// its beginning up to the reader's `position_`. The first reader is the leader;
// only later ones have `again_`. A reader is in `readers_` from Join until it
// is destroyed or has received the outcome. `on_complete_` is called before any
// reader hears the outcome, and once: in one turn the answer is stored, the
// flight is closed and the call is released.

namespace {

class Reader;

class SharedFlight final : public Flight, ChatObserver {
 public:
  SharedFlight(EventLoop& loop, OnComplete on_complete)
      : loop_(loop), on_complete_(std::move(on_complete)) {}
  ~SharedFlight() override { Complete(nullptr); }

  void Start(ChatBackend& next, ChatRequest request) {
    if (request.unfinished == nullptr) {
      request.unfinished = std::make_shared<Unfinished>();
    }
    request_ = request;
    // A deadline of its own, since those who join may move it.
    deadline_ = std::make_shared<Deadline>(*request.deadline);
    request.deadline = deadline_;
    call_ = next.Start(request, *this);
  }

  std::unique_ptr<ChatCall> Join(ChatBackend& again, const ChatRequest& request,
                                 ChatObserver& observer,
                                 StaleAnswer stale_answer) override;
  void Leave(Reader* reader) { readers_.remove(reader); }
  const Transcript& transcript() const { return transcript_; }
  const ChatRequest& request() const { return request_; }

 private:
  void OnDelta(const pb::InvokeEvent& delta) override;
  void OnDone(absl::StatusOr<Answer> result) override;

  void Complete(const absl::StatusOr<Answer>* result) {
    const OnComplete on_complete = std::exchange(on_complete_, nullptr);
    if (on_complete != nullptr) on_complete(transcript_, result);
  }

  EventLoop& loop_;
  OnComplete on_complete_;
  // The leader's request.
  ChatRequest request_;
  std::shared_ptr<Deadline> deadline_;
  Transcript transcript_;
  bool has_leader_ = false;
  std::list<Reader*> readers_;
  std::unique_ptr<ChatCall> call_;
};

class Reader final : public ChatCall {
 public:
  Reader(std::shared_ptr<SharedFlight> flight, ChatObserver& observer,
         Flight::StaleAnswer stale_answer)
      : flight_(std::move(flight)),
        observer_(observer),
        stale_answer_(std::move(stale_answer)) {}
  ~Reader() override { flight_->Leave(this); }

  // Catches up with the pieces so far on the next turn of `loop`. `again` and
  // `request` serve if the flight fails.
  void Follow(EventLoop& loop, ChatBackend& again, const ChatRequest& request) {
    again_ = &again;
    request_ = request;
    if (flight_->transcript().end() == 0) return;
    catch_up_ = loop.RunAfter(absl::ZeroDuration(), [this] { CatchUp(); });
  }

  // `delta` has just been appended at position `begin`.
  void Hear(size_t begin, const pb::InvokeEvent& delta) {
    if (position_ != begin) return CatchUp();
    position_ = flight_->transcript().end();
    observer_.OnDelta(delta);
  }

  void Finish(const absl::StatusOr<Answer>& result, absl::Time now) {
    CatchUp();
    if (!result.ok() && position_ == 0 && stale_answer_ != nullptr) {
      const auto stale = stale_answer_(result.status());
      if (stale != nullptr) {
        return Replay(*stale, pb::CacheInfo::STALE, now, observer_);
      }
    }
    const bool leads = again_ == nullptr;
    if (!result.ok() && !leads)
      TakeOverUnfinished(flight_->request(), request_);
    if (!result.ok() && !leads && position_ == 0 &&
        CouldSucceedAlone(result.status(), flight_->request(), request_)) {
      own_ = again_->Start(request_, observer_);
      return;
    }
    if (!result.ok() || leads) return observer_.OnDone(result);
    Answer joined = *result;
    joined.response.mutable_cache_info()->set_outcome(pb::CacheInfo::JOINED);
    joined.response.set_attempts(0);
    MakeFree(joined);
    observer_.OnDone(std::move(joined));
  }

 private:
  void CatchUp() {
    position_ = flight_->transcript().ReadFrom(
        position_, [this](const auto& delta) { observer_.OnDelta(delta); });
  }

  const std::shared_ptr<SharedFlight> flight_;
  ChatObserver& observer_;
  const Flight::StaleAnswer stale_answer_;
  // Null for the leader.
  ChatBackend* again_ = nullptr;
  ChatRequest request_;
  size_t position_ = 0;
  std::unique_ptr<Timer> catch_up_;
  std::unique_ptr<ChatCall> own_;
};

std::unique_ptr<ChatCall> SharedFlight::Join(ChatBackend& again,
                                             const ChatRequest& request,
                                             ChatObserver& observer,
                                             StaleAnswer stale_answer) {
  deadline_->at = std::max(deadline_->at, request.deadline->at);
  auto self = std::static_pointer_cast<SharedFlight>(shared_from_this());
  auto reader = std::make_unique<Reader>(std::move(self), observer,
                                         std::move(stale_answer));
  if (std::exchange(has_leader_, true)) reader->Follow(loop_, again, request);
  readers_.push_back(reader.get());
  return reader;
}

void SharedFlight::OnDelta(const pb::InvokeEvent& delta) {
  const size_t begin = transcript_.end();
  transcript_.Append(delta);
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
  auto flight = std::make_shared<SharedFlight>(loop, std::move(on_complete));
  flight->Start(next, request);
  return flight;
}

}  // namespace holysheep
