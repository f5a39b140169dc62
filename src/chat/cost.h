#pragma once

#include <optional>

#include "policy/catalog.h"
#include "policy/money.h"
#include "policy/price_list.h"

namespace holysheep {

namespace node::v1 {
class Cost;
class Usage;
}  // namespace node::v1
namespace pb = node::v1;

// The cost of answers, exact, in US dollars. It becomes text where it leaves
// the service: see WriteCost. A value.
struct Cost {
  // The amount paid: `prompt` and `completion` together.
  Money total;
  Money prompt;
  Money completion;
  // The official price of the same tokens, and how much less `total` is; the
  // latter is negative where the official price is lower.
  Money official;
  Money saved;

  // Per million tokens.
  struct UnitPrices {
    Money prompt;
    Money completion;
  };
  // None for a sum over several answers.
  std::optional<UnitPrices> unit_prices;
};

// The cost of one answer of `model`. Nothing is saved where there is no
// official price to compare with. Pure, as all functions here.
Cost CostOf(const Price& price, const ModelInfo& model);

// The counts that have a price. Pure.
TokenCounts CountsOf(const pb::Usage& usage);

// Changes `cost` to that of an answer which was paid for before: nothing is
// paid, and the whole official price is saved.
void MakeFree(Cost& cost);

// Adds the amounts of `more` to `sum`, whose unit prices stay.
void AddCost(const Cost& more, Cost& sum);

// Writes `cost` as the API has it.
void WriteCost(const Cost& cost, pb::Cost& out);

// Reads a cost that WriteCost has written. An amount that is absent or
// malformed is zero.
Cost ReadCost(const pb::Cost& written);

}  // namespace holysheep
