#pragma once

#include "chat/answer.h"

namespace holysheep {

namespace node::v1 {
class WorkflowFinished;
}  // namespace node::v1
namespace pb = node::v1;

// Adds up tokens and cost of the successful steps, exactly. Not thread-safe.
// One object per workflow.
class WorkflowTotals {
 public:
  // Counts a successful step in `finished`, and its cost here.
  void Add(const Answer& step, pb::WorkflowFinished& finished);
  // Writes the sums of the cost into `finished`.
  void WriteCost(pb::WorkflowFinished& finished) const;

 private:
  Cost cost_;
};

}  // namespace holysheep
