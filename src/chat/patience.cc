#include "chat/patience.h"

#include <algorithm>

#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {

void Patience::RaiseTo(const Patience& other) {
  first_token = std::max(first_token, other.first_token);
  idle = std::max(idle, other.idle);
  queue = std::max(queue, other.queue);
}

Patience PatienceOf(const pb::InvokeRequest& request) {
  const pb::Timeouts& asked = request.timeouts();
  Patience patience;
  if (asked.has_first_token_ms()) {
    patience.first_token = absl::Milliseconds(asked.first_token_ms());
  }
  if (asked.has_idle_ms()) patience.idle = absl::Milliseconds(asked.idle_ms());
  if (asked.has_queue_ms()) {
    patience.queue = absl::Milliseconds(asked.queue_ms());
  }
  return patience;
}

}  // namespace holysheep
