#pragma once

#include "policy/money.h"

namespace holysheep {

namespace node::v1 {
class InvokeResponse;
class WorkflowFinished;
}  // namespace node::v1
namespace pb = node::v1;

// Adds up what the steps of a workflow took, to the last pico-dollar.
class WorkflowTotals {
 public:
  // Counts a step that went well, and its tokens into `finished`.
  void Add(const pb::InvokeResponse& step, pb::WorkflowFinished& finished);
  // Writes the sums of money.
  void WriteCost(pb::WorkflowFinished& finished) const;

 private:
  Money total_;
  Money prompt_;
  Money completion_;
  Money official_;
  Money saved_;
};

}  // namespace holysheep
