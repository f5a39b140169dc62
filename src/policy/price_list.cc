#include "policy/price_list.h"

#include <algorithm>
#include <cmath>

namespace holysheep {

// The official price knows no discount for cached tokens.
Price PriceTokens(const ModelInfo& model, const TokenCounts& tokens) {
  const int64_t prompt = std::max<int64_t>(tokens.prompt, 0);
  const int64_t completion = std::max<int64_t>(tokens.completion, 0);
  const int64_t cached = std::clamp<int64_t>(tokens.cached_prompt, 0, prompt);
  Price price;
  price.prompt = PriceOf(prompt - cached, model.prompt_price) +
                 PriceOf(cached, model.cached_prompt_price);
  price.completion = PriceOf(completion, model.completion_price);
  price.total = price.prompt + price.completion;
  price.official = PriceOf(prompt, model.official_price) +
                   PriceOf(completion, model.official_price);
  return price;
}

// Both prices for the same number of tokens, hence the official one twice.
double SavingPercent(const ModelInfo& model) {
  const double official =
      (model.official_price + model.official_price).ToDouble();
  if (official <= 0) return 0;
  const double paid = (model.prompt_price + model.completion_price).ToDouble();
  return std::round(1000 * (official - paid) / official) / 10;
}

}  // namespace holysheep
