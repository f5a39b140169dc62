#include "policy/price_list.h"

#include <algorithm>
#include <cmath>

namespace holysheep {
namespace {

// Adds the official price of one class of tokens. Without one the sum is worth
// nothing, unless there are no such tokens.
void AddOfficial(int64_t tokens, const std::optional<Money>& per_million,
                 Price& price) {
  if (tokens == 0) return;
  if (!per_million.has_value()) {
    price.comparable = false;
  } else {
    price.official += PriceOf(tokens, *per_million);
  }
}

bool IsUnknown(Money official) { return official == Money(); }

}  // namespace

Price PriceTokens(const ModelInfo& model, const TokenCounts& tokens) {
  const int64_t prompt = std::max<int64_t>(tokens.prompt, 0);
  const int64_t completion = std::max<int64_t>(tokens.completion, 0);
  const int64_t cached = std::clamp<int64_t>(tokens.cached_prompt, 0, prompt);
  const int64_t written =
      std::clamp<int64_t>(tokens.cache_write, 0, prompt - cached);
  const int64_t plain = prompt - cached - written;
  Price price;
  price.prompt = PriceOf(plain, model.prompt_price) +
                 PriceOf(cached, model.cached_prompt_price) +
                 PriceOf(written, model.cache_write_price);
  price.completion = PriceOf(completion, model.completion_price);
  price.total = price.prompt + price.completion;
  const OfficialPrices official = OfficialPricesOf(model);
  price.comparable = true;
  AddOfficial(plain, official.prompt, price);
  AddOfficial(cached, official.cached_prompt, price);
  AddOfficial(written, official.cache_write, price);
  AddOfficial(completion, official.completion, price);
  if (!price.comparable) price.official = Money();
  return price;
}

OfficialPrices OfficialPricesOf(const ModelInfo& model) {
  std::optional<Money> all;
  if (!IsUnknown(model.official_price)) all = model.official_price;
  const auto first = [](const std::optional<Money>& own,
                        const std::optional<Money>& other) {
    return own.has_value() ? own : other;
  };
  OfficialPrices prices;
  prices.prompt = first(model.official_prompt_price, all);
  prices.completion = first(model.official_completion_price, all);
  const std::optional<Money> input = first(all, prices.prompt);
  prices.cached_prompt = first(model.official_cached_prompt_price, input);
  prices.cache_write = first(model.official_cache_write_price, input);
  return prices;
}

TokenCounts AtMost(const ModelInfo& model, TokenCounts tokens) {
  const Money plain = model.prompt_price;
  const Money cached = model.cached_prompt_price;
  const Money written = model.cache_write_price;
  tokens.cached_prompt = plain < cached && written < cached ? tokens.prompt : 0;
  tokens.cache_write =
      tokens.cached_prompt == 0 && plain < written ? tokens.prompt : 0;
  return tokens;
}

double SavingPercent(const ModelInfo& model) {
  const OfficialPrices prices = OfficialPricesOf(model);
  if (!prices.prompt.has_value() || !prices.completion.has_value()) return 0;
  const double official = (*prices.prompt + *prices.completion).ToDouble();
  if (official <= 0) return 0;
  const double paid = (model.prompt_price + model.completion_price).ToDouble();
  return std::round(1000 * (official - paid) / official) / 10;
}

}  // namespace holysheep
