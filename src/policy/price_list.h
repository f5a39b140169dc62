#pragma once

#include <cstdint>

#include "policy/catalog.h"
#include "policy/money.h"

namespace holysheep {

// The tokens of one answer. Negative counts, which an upstream may report,
// count as zero. Reasoning is a part of `completion`.
struct TokenCounts {
  int64_t prompt = 0;
  int64_t completion = 0;
  // Part of `prompt`; an excess over it does not count.
  int64_t cached_prompt = 0;
};

// The exact cost of an answer. `total` is the sum of `prompt` and `completion`;
// `official` is the cost of the same tokens at the official price.
struct Price {
  Money total;
  Money prompt;
  Money completion;
  // 0 if the model has no official price.
  Money official;
};

// Pure. Never negative.
Price PriceTokens(const ModelInfo& model, const TokenCounts& tokens);

// The saving on a prompt and an answer of the same length against the official
// price, in percent with one decimal; negative if they cost more, 0 without an
// official price.
double SavingPercent(const ModelInfo& model);

}  // namespace holysheep
