#include "jobs/batch.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/errors.h"
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

// Whether the service's own limits refused the call, so that it may be
// repeated.
bool IsForLackOfRoom(const absl::Status& error) {
  const Reason reason = ReasonOf(error);
  return reason == Reason::kRateLimitedLocal || reason == Reason::kQueueFull;
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
    answer_.MergeFrom(result->response);
    result->response = std::move(answer_);
    owner_.Finish({std::move(id_), index_, std::move(result)});
  }

  void Fail(const absl::Status& error) {
    if (patient_ && IsForLackOfRoom(error)) {
      const absl::Duration pause =
          std::max(DetailsOf(error).retry_after.value_or(kPause), kLeastPause);
      const absl::Time again = owner_.loop().Now() + pause;
      if (again < owner_.deadline()) return WaitFor(pause);
    }
    owner_.Finish({std::move(id_), index_, error});
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
  std::unique_ptr<Timer> wait_;
  std::unique_ptr<ChatCall> call_;
};

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
