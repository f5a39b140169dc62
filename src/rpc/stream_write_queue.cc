#include "rpc/stream_write_queue.h"

#include <utility>

namespace holysheep {

// Invariants: at most one event is being written (`writing_`), and `event_`
// belongs to its writer until Written; only a thread that got kWrite may call
// that. Events leave in the order `started`, pieces, `final`. kFinish comes
// once, after the last write, when the stream has ended and nothing is left.
// Whoever changes the state calls Next, so that no event is left without a
// writer.

StreamWriteQueue::Step StreamWriteQueue::Start(const pb::Started& started) {
  const std::lock_guard lock(mutex_);
  if (!std::exchange(said_started_, true)) started_ = started;
  return Next();
}

StreamWriteQueue::Step StreamWriteQueue::Add(const pb::InvokeEvent& delta) {
  const std::lock_guard lock(mutex_);
  transcript_.Append(delta);
  return Next();
}

StreamWriteQueue::Step StreamWriteQueue::End(pb::InvokeResponse ending) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(ended_, true)) return Step::kNothing;
  ending_ = std::move(ending);
  return Next();
}

StreamWriteQueue::Step StreamWriteQueue::Fail(const absl::Status& error) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(ended_, true)) return Step::kNothing;
  status_ = error;
  return Next();
}

StreamWriteQueue::Step StreamWriteQueue::Abandon() {
  return Cut(absl::CancelledError("the caller left"));
}

StreamWriteQueue::Step StreamWriteQueue::Cut(const absl::Status& error) {
  const std::lock_guard lock(mutex_);
  started_.reset();
  ending_.reset();
  transcript_ = Transcript();
  position_ = 0;
  if (!std::exchange(ended_, true)) status_ = error;
  return Next();
}

StreamWriteQueue::Step StreamWriteQueue::Written() {
  const std::lock_guard lock(mutex_);
  writing_ = false;
  return Next();
}

StreamWriteQueue::Step StreamWriteQueue::Next() {
  if (writing_ || finished_) return Step::kNothing;
  if (TakeNext()) {
    writing_ = true;
    return Step::kWrite;
  }
  if (!ended_) return Step::kNothing;
  finished_ = true;
  return Step::kFinish;
}

// Sets `event_` to the next event. Returns false if there is none.
bool StreamWriteQueue::TakeNext() {
  if (started_.has_value()) {
    *event_.mutable_started() = *std::exchange(started_, std::nullopt);
  } else if (position_ < transcript_.end()) {
    position_ = transcript_.ReadMerged(position_, event_);
  } else if (ending_.has_value()) {
    pb::InvokeResponse& answer = *event_.mutable_final();
    answer = *std::exchange(ending_, std::nullopt);
    FoldTranscript(transcript_.packed(), answer);
    transcript_ = Transcript();
    position_ = 0;
  } else {
    return false;
  }
  return true;
}

}  // namespace holysheep
