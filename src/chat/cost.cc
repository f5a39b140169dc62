#include "chat/cost.h"

#include "absl/strings/string_view.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

// An amount that this service has written, so that a malformed one cannot
// occur.
Money Amount(absl::string_view text) {
  return Money::ParseSigned(text).value_or(Money());
}

}  // namespace

// Without the test unknown official prices would show a loss.
Cost CostOf(const Price& price, const ModelInfo& model) {
  Cost cost;
  cost.total = price.total;
  cost.prompt = price.prompt;
  cost.completion = price.completion;
  cost.official = price.official;
  if (price.comparable) cost.saved = price.official - price.total;
  cost.unit_prices = {model.prompt_price, model.completion_price};
  return cost;
}

TokenCounts CountsOf(const pb::Usage& usage) {
  TokenCounts tokens;
  tokens.prompt = usage.prompt_tokens();
  tokens.completion = usage.completion_tokens();
  tokens.cached_prompt = usage.cached_prompt_tokens();
  tokens.cache_write = usage.cache_write_tokens();
  return tokens;
}

void MakeFree(Cost& cost) {
  cost.total = Money();
  cost.prompt = Money();
  cost.completion = Money();
  cost.saved = cost.official;
}

void AddCost(const Cost& more, Cost& sum) {
  sum.total += more.total;
  sum.prompt += more.prompt;
  sum.completion += more.completion;
  sum.official += more.official;
  sum.saved += more.saved;
}

void WriteCost(const Cost& cost, pb::Cost& out) {
  out.set_total(cost.total.ToString());
  out.set_prompt(cost.prompt.ToString());
  out.set_completion(cost.completion.ToString());
  out.set_official(cost.official.ToString());
  out.set_saved(cost.saved.ToString());
  if (cost.unit_prices.has_value()) {
    out.set_prompt_unit_price(cost.unit_prices->prompt.ToString());
    out.set_completion_unit_price(cost.unit_prices->completion.ToString());
  }
  out.set_currency("USD");
}

Cost ReadCost(const pb::Cost& written) {
  Cost cost;
  cost.total = Amount(written.total());
  cost.prompt = Amount(written.prompt());
  cost.completion = Amount(written.completion());
  cost.official = Amount(written.official());
  cost.saved = Amount(written.saved());
  if (!written.prompt_unit_price().empty()) {
    cost.unit_prices = {Amount(written.prompt_unit_price()),
                        Amount(written.completion_unit_price())};
  }
  return cost;
}

}  // namespace holysheep
