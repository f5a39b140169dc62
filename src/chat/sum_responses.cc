#include "chat/sum_responses.h"

#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
// Times of the upstream are not added: `upstream_ms` stays that of the last
// answer.

namespace {

void AddUsage(const pb::Usage& earlier, pb::Usage& usage) {
  usage.set_prompt_tokens(usage.prompt_tokens() + earlier.prompt_tokens());
  usage.set_completion_tokens(usage.completion_tokens() +
                              earlier.completion_tokens());
  usage.set_total_tokens(usage.total_tokens() + earlier.total_tokens());
  usage.set_cached_prompt_tokens(usage.cached_prompt_tokens() +
                                 earlier.cached_prompt_tokens());
  usage.set_reasoning_tokens(usage.reasoning_tokens() +
                             earlier.reasoning_tokens());
  usage.set_estimated(usage.estimated() || earlier.estimated());
}

}  // namespace

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
