#include "jobs/workflow_totals.h"

#include "chat/token_sums.h"
#include "holysheep/node/v1/node.pb.h"

namespace holysheep {
void WorkflowTotals::Add(const Answer& step, pb::WorkflowFinished& finished) {
  finished.set_steps_succeeded(finished.steps_succeeded() + 1);
  AddUsage(step.response.usage(), *finished.mutable_usage());
  if (step.cost.has_value()) AddCost(*step.cost, cost_);
}

void WorkflowTotals::WriteCost(pb::WorkflowFinished& finished) const {
  holysheep::WriteCost(cost_, *finished.mutable_cost());
}

}  // namespace holysheep
