#include "chat/attempt_stats.h"

#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {

ChatRequest Counted(ChatRequest request) {
  if (request.effort == nullptr) request.effort = std::make_shared<Effort>();
  return request;
}

void FillEffort(const Effort& before, const ChatRequest& request,
                pb::InvokeResponse& response) {
  const Effort& now = *request.effort;
  response.set_attempts(now.attempts - before.attempts);
  response.set_queue_ms(absl::ToDoubleMilliseconds(now.queued - before.queued));
}

}  // namespace holysheep
