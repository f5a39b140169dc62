#pragma once

#include <cstdint>
#include <optional>

#include "policy/catalog.h"
#include "policy/money.h"

namespace holysheep {

// The tokens of one answer. Negative counts, which an upstream may report,
// count as zero. Reasoning is a part of `completion`.
struct TokenCounts {
  int64_t prompt = 0;
  int64_t completion = 0;
  // Parts of `prompt`, read from the upstream's prompt cache and written to it;
  // an excess over `prompt` does not count.
  int64_t cached_prompt = 0;
  int64_t cache_write = 0;
};

// The exact cost of an answer. `total` is the sum of `prompt` and `completion`;
// `official` is the cost of the same tokens at the official prices.
struct Price {
  Money total;
  // All input, cached and cache-write tokens included.
  Money prompt;
  Money completion;
  // 0 unless `comparable`.
  Money official;
  // Whether every class of tokens that occurs has an official price.
  bool comparable = false;
};

// Pure, as all functions here. Never negative.
Price PriceTokens(const ModelInfo& model, const TokenCounts& tokens);

// What the model's maker asks for each class of tokens; none where that is
// unknown.
struct OfficialPrices {
  std::optional<Money> prompt;
  std::optional<Money> cached_prompt;
  std::optional<Money> cache_write;
  std::optional<Money> completion;
};

// The price of a class is its own, else the model's `official_price`; cached
// and cache-write tokens without either have that of the prompt.
OfficialPrices OfficialPricesOf(const ModelInfo& model);

// Returns `tokens` with the whole prompt in the dearest class of input, for
// what must be reserved before the upstream has said which class it is.
TokenCounts AtMost(const ModelInfo& model, TokenCounts tokens);

// The saving on a prompt and an answer of the same length against the official
// price, none of it cached, in percent with one decimal; negative if they cost
// more, 0 without an official price.
double SavingPercent(const ModelInfo& model);

}  // namespace holysheep
