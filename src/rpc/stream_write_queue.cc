#include "rpc/stream_write_queue.h"

#include <utility>

namespace holysheep {

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
  const std::lock_guard lock(mutex_);
  started_.reset();
  ending_.reset();
  position_ = transcript_.end();
  if (!std::exchange(ended_, true)) {
    status_ = absl::CancelledError("the caller left");
  }
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

// Makes `event_` the next one to write, if there is one.
bool StreamWriteQueue::TakeNext() {
  if (started_.has_value()) {
    *event_.mutable_started() = *std::exchange(started_, std::nullopt);
  } else if (position_ < transcript_.end()) {
    position_ = transcript_.ReadOne(position_, event_);
  } else if (ending_.has_value()) {
    pb::InvokeResponse& answer = *event_.mutable_final();
    answer = *std::exchange(ending_, std::nullopt);
    FoldTranscript(transcript_.packed(), answer);
  } else {
    return false;
  }
  return true;
}

}  // namespace holysheep
