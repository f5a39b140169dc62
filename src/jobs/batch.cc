#include "jobs/batch.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/errors.h"
#include "base/memory_account.h"
#include "chat/first_answer.h"
#include "chat/transcript.h"

namespace holysheep {
// Invariants: the open items are those in `items_` (running or waiting to be
// tried again), in `results_`, and the one being delivered (`giving_`); they
// are never more than max_open. At most one OnRoom (`asked_`) and one OnResult
// (`giving_`) await the peer's answer. An item is in exactly one of the three
// places. OnEnd comes once, when the input has ended and nothing is open.

namespace {

// The wait before another attempt if it is unknown when a limit has room.
constexpr absl::Duration kPause = absl::Milliseconds(250);
// The shortest wait: a limit that opens late must not keep the loop busy.
constexpr absl::Duration kLeastPause = absl::Milliseconds(10);
// The waits in an outage if the error names none: each the double of the one
// before.
constexpr absl::Duration kFirstOutagePause = absl::Seconds(1);
constexpr absl::Duration kMostOutagePause = absl::Seconds(30);
// The most models whose outages a batch remembers; of any other each item
// counts its own time alone.
constexpr size_t kMaxOutages = 1000;

// Whether the service's own limits refused the call, so that it may be
// repeated.
bool IsForLackOfRoom(const absl::Status& error) {
  const Reason reason = ReasonOf(error);
  if (IsOutOfMemory(error)) return false;
  return reason == Reason::kRateLimitedLocal || reason == Reason::kQueueFull;
}

// Whether the upstream's state is to blame, which may pass: the item is then
// tried again. What an answer may have cost is not.
bool MayPass(const absl::Status& error) {
  switch (ReasonOf(error)) {
    case Reason::kCircuitOpen:
    case Reason::kRateLimitedUpstream:
    case Reason::kUpstream5xx:
    case Reason::kUpstreamConnect:
    case Reason::kConnectTimeout:
    case Reason::kFirstTokenTimeout:
      return !DetailsOf(error).lasting;
    default:
      return false;
  }
}

class Item;

class RunningBatch final : public Batch {
 public:
  RunningBatch(EventLoop& loop, ChatBackend& chat, const BatchOptions& options,
               BatchPeer& peer)
      : loop_(loop), chat_(chat), options_(options), peer_(peer) {}

  void Begin() override { AskForMore(); }
  void Add(BatchInput input) override;
  void EndInput() override;
  void TakeResult() override;

  // Destroys the item, whose call must have ended.
  void Finish(BatchOutput output);

  EventLoop& loop() { return loop_; }
  ChatBackend& chat() { return chat_; }
  absl::Time deadline() const { return options_.deadline; }

  // Until when items may wait out the outage of `model`, which is over when one
  // of them has an answer.
  absl::Time EndOfPatience(const std::string& model);
  void NoteAnswer(const std::string& model) { outages_.erase(model); }
  absl::Duration patience() const { return options_.patience; }

 private:
  void GiveResult();
  void AskForMore();
  void EndIfDone();

  EventLoop& loop_;
  ChatBackend& chat_;
  const BatchOptions options_;
  BatchPeer& peer_;
  int64_t next_index_ = 0;
  // Awaited from the peer: an item, or the processing of a result.
  bool asked_ = false;
  bool giving_ = false;
  bool input_ended_ = false;
  bool done_ = false;
  std::deque<BatchOutput> results_;
  // When each model's outage was first noticed.
  absl::flat_hash_map<std::string, absl::Time> outages_;
  // By index.
  absl::flat_hash_map<int64_t, std::unique_ptr<Item>> items_;
};

// One open item: a call, or the wait before the next attempt. Exactly one of
// `call_` and `wait_` is set, except inside a call of the observer. A request
// that is tried again is the same object, so that what it has paid for stays
// with it.
class Item final : ChatObserver {
 public:
  Item(RunningBatch& owner, BatchInput input, int64_t index)
      : owner_(owner),
        id_(std::move(input.id)),
        index_(index),
        patient_(input.patient),
        request_(*std::move(input.request)),
        allowed_(request_.deadline->at - request_.arrived) {
    request_.unary = true;
    request_.priority = Priority::kBatch;
    if (patient_) request_.unfinished = std::make_shared<Unfinished>();
    call_ = owner_.chat().Start(request_, *this);
  }

 private:
  void OnDelta(const pb::InvokeEvent& delta) override {
    FoldDelta(delta, answer_);
  }

  void OnDone(absl::StatusOr<Answer> result) override {
    if (!result.ok()) return Fail(result.status());
    owner_.NoteAnswer(request_.message->model());
    answer_.MergeFrom(result->response);
    result->response = std::move(answer_);
    Finish(std::move(result));
  }

  void Finish(absl::StatusOr<Answer> outcome) {
    owner_.Finish(
        {std::move(id_), index_, std::move(outcome), request_.memory});
  }

  void Fail(const absl::Status& error) {
    if (patient_ && IsForLackOfRoom(error)) {
      const absl::Duration pause =
          std::max(DetailsOf(error).retry_after.value_or(kPause), kLeastPause);
      const absl::Time again = owner_.loop().Now() + pause;
      if (again < owner_.deadline()) return WaitFor(pause);
    }
    if (patient_ && MayPass(error) && WaitOut(error)) return;
    Finish(error);
  }

  // Returns false if the outage has lasted for too long.
  bool WaitOut(const absl::Status& error) {
    const absl::Time now = owner_.loop().Now();
    const absl::Duration pause =
        std::max(DetailsOf(error).retry_after.value_or(outage_pause_), kPause);
    outage_pause_ = std::min(2 * outage_pause_, kMostOutagePause);
    failing_since_ = std::min(failing_since_, now);
    const absl::Time latest =
        std::min({owner_.deadline(), failing_since_ + owner_.patience(),
                  owner_.EndOfPatience(request_.message->model())});
    if (now + pause >= latest) return false;
    WaitFor(pause);
    return true;
  }

  void WaitFor(absl::Duration pause) {
    call_.reset();
    answer_.Clear();
    wait_ = owner_.loop().RunAfter(pause, [this] { StartAgain(); });
  }

  // Waiting for the limits does not count against the time of the call. Answers
  // that earlier attempts have paid for are in `unfinished` and are not bought
  // again.
  void StartAgain() {
    request_.deadline = std::make_shared<Deadline>(
        Deadline{std::min(owner_.deadline(), owner_.loop().Now() + allowed_)});
    call_ = owner_.chat().Start(request_, *this);
  }

  RunningBatch& owner_;
  std::string id_;
  const int64_t index_;
  const bool patient_;
  ChatRequest request_;
  const absl::Duration allowed_;
  pb::InvokeResponse answer_;
  absl::Time failing_since_ = absl::InfiniteFuture();
  absl::Duration outage_pause_ = kFirstOutagePause;
  std::unique_ptr<Timer> wait_;
  std::unique_ptr<ChatCall> call_;
};

absl::Time RunningBatch::EndOfPatience(const std::string& model) {
  const auto found = outages_.find(model);
  if (found != outages_.end()) return found->second + options_.patience;
  if (outages_.size() < kMaxOutages) outages_.emplace(model, loop_.Now());
  return loop_.Now() + options_.patience;
}

void RunningBatch::Add(BatchInput input) {
  asked_ = false;
  const int64_t index = next_index_++;
  if (input.request.ok()) {
    items_.emplace(index,
                   std::make_unique<Item>(*this, std::move(input), index));
  } else {
    results_.push_back({std::move(input.id), index, input.request.status()});
  }
  AskForMore();
  GiveResult();
}

void RunningBatch::EndInput() {
  asked_ = false;
  input_ended_ = true;
  EndIfDone();
}

void RunningBatch::TakeResult() {
  giving_ = false;
  AskForMore();
  GiveResult();
  EndIfDone();
}

void RunningBatch::Finish(BatchOutput output) {
  items_.erase(output.index);
  results_.push_back(std::move(output));
  GiveResult();
}

// Counts all open items, so that the input cannot get ahead of the results.
void RunningBatch::GiveResult() {
  if (giving_ || results_.empty()) return;
  giving_ = true;
  BatchOutput result = std::move(results_.front());
  results_.pop_front();
  peer_.OnResult(std::move(result));
}

void RunningBatch::AskForMore() {
  const size_t open = items_.size() + results_.size() + (giving_ ? 1 : 0);
  if (asked_ || input_ended_ || open >= options_.max_open) return;
  asked_ = true;
  peer_.OnRoom();
}

// `done_` is set before the call, since OnEnd may destroy the batch.
void RunningBatch::EndIfDone() {
  const bool open = giving_ || !items_.empty() || !results_.empty();
  if (!input_ended_ || open || std::exchange(done_, true)) return;
  peer_.OnEnd();
}

}  // namespace

std::unique_ptr<Batch> NewBatch(EventLoop& loop, ChatBackend& chat,
                                const BatchOptions& options, BatchPeer& peer) {
  return std::make_unique<RunningBatch>(loop, chat, options, peer);
}

}  // namespace holysheep
