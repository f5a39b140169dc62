#pragma once

#include "policy/money.h"

namespace holysheep {

namespace node::v1 {
class InvokeResponse;
class WorkflowFinished;
}  // namespace node::v1
namespace pb = node::v1;

// Adds up tokens and cost of the successful steps, exactly. Not thread-safe.
class WorkflowTotals {
 public:
  // Counts a successful step in `finished`, and its cost here.
  void Add(const pb::InvokeResponse& step, pb::WorkflowFinished& finished);
  // Writes the sums of the cost into `finished`.
  void WriteCost(pb::WorkflowFinished& finished) const;

 private:
  Money total_;
  Money prompt_;
  Money completion_;
  Money official_;
  Money saved_;
};

}  // namespace holysheep
