#include "chat/sum_responses.h"

#include <string>

#include "holysheep/node/v1/chat.pb.h"
#include "policy/money.h"

namespace holysheep {
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

void AddMoney(const std::string& earlier, std::string* amount) {
  const auto a = Money::ParseSigned(earlier);
  const auto b = Money::ParseSigned(*amount);
  if (a.ok() && b.ok()) *amount = (*a + *b).ToString();
}

void AddCost(const pb::Cost& earlier, pb::Cost& cost) {
  AddMoney(earlier.total(), cost.mutable_total());
  AddMoney(earlier.prompt(), cost.mutable_prompt());
  AddMoney(earlier.completion(), cost.mutable_completion());
  AddMoney(earlier.official(), cost.mutable_official());
  AddMoney(earlier.saved(), cost.mutable_saved());
}

}  // namespace

void AddUseOf(const pb::InvokeResponse& earlier, pb::InvokeResponse& response) {
  AddUsage(earlier.usage(), *response.mutable_usage());
  response.set_tokens_used(response.usage().total_tokens());
  if (earlier.has_cost() && response.has_cost()) {
    AddCost(earlier.cost(), *response.mutable_cost());
  }
  response.set_attempts(response.attempts() + earlier.attempts());
  response.set_queue_ms(response.queue_ms() + earlier.queue_ms());
}

}  // namespace holysheep
