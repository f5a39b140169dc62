#include "chat/attempt_stats.h"

#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {

ChatRequest Counted(ChatRequest request) {
  if (request.attempt_stats == nullptr)
    request.attempt_stats = std::make_shared<AttemptStats>();
  return request;
}

// The counts are shared and go on growing; only those of this moment are
// copied.
AttemptsSince::AttemptsSince(const ChatRequest& request)
    : stats_(request.attempt_stats) {
  if (stats_ == nullptr) return;
  attempts_before_ = stats_->attempts;
  queued_before_ = stats_->queued;
}

bool AttemptsSince::none() const {
  return stats_ != nullptr && stats_->attempts == attempts_before_;
}

void AttemptsSince::Fill(pb::InvokeResponse& response) const {
  response.set_attempts(stats_->attempts - attempts_before_);
  response.set_queue_ms(
      absl::ToDoubleMilliseconds(stats_->queued - queued_before_));
}

}  // namespace holysheep
