#pragma once

#include "policy/catalog.h"
#include "policy/price_list.h"

namespace holysheep {

namespace node::v1 {
class Cost;
}  // namespace node::v1
namespace pb = node::v1;

// Writes the price, and the saving against the official price, exactly.
void FillCost(const Price& price, const ModelInfo& model, pb::Cost* cost);

// Changes a cost to that of an answer which was paid for before: nothing is
// paid, and the whole official price is saved.
void MakeFree(pb::Cost* cost);

}  // namespace holysheep
