#include "chat/sum_responses.h"

#include "chat/token_sums.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
// Times of the upstream are not added: `upstream_ms` stays that of the last
// answer.

void AddUseOf(const Answer& earlier, Answer& answer) {
  pb::InvokeResponse& response = answer.response;
  AddUsage(earlier.response.usage(), *response.mutable_usage());
  response.set_tokens_used(response.usage().total_tokens());
  if (earlier.cost.has_value() && answer.cost.has_value()) {
    AddCost(*earlier.cost, *answer.cost);
  }
  response.set_attempts(response.attempts() + earlier.response.attempts());
  response.set_queue_ms(response.queue_ms() + earlier.response.queue_ms());
}

}  // namespace holysheep
