#include "chat/attempt_stats.h"

#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {

ChatRequest Counted(ChatRequest request) {
  if (request.attempt_stats == nullptr)
    request.attempt_stats = std::make_shared<AttemptStats>();
  return request;
}

void FillAttemptStats(const AttemptStats& before, const ChatRequest& request,
                      pb::InvokeResponse& response) {
  const AttemptStats& now = *request.attempt_stats;
  response.set_attempts(now.attempts - before.attempts);
  response.set_queue_ms(absl::ToDoubleMilliseconds(now.queued - before.queued));
}

}  // namespace holysheep
