#pragma once

#include <cstdint>

#include "policy/catalog.h"
#include "policy/money.h"

namespace holysheep {

// The tokens of one answer. Negative counts, which an upstream may report,
// are zero.
struct TokenCounts {
  int64_t prompt = 0;
  int64_t completion = 0;
  // Part of `prompt`; what exceeds it does not count.
  int64_t cached_prompt = 0;
};

// What an answer costs, exactly. `total` is the sum of `prompt` and
// `completion`; `official` is what the same tokens cost at the official price.
struct Price {
  Money total;
  Money prompt;
  Money completion;
  Money official;
};

Price PriceTokens(const ModelInfo& model, const TokenCounts& tokens);

// How much less a prompt and an answer of the same length cost than at the
// official price, in percent with one decimal; negative if they cost more, 0
// if there is no official price.
double SavingPercent(const ModelInfo& model);

}  // namespace holysheep
