#include "jobs/workflow_totals.h"

#include "holysheep/node/v1/node.pb.h"

namespace holysheep {
void WorkflowTotals::Add(const Answer& step, pb::WorkflowFinished& finished) {
  finished.set_steps_succeeded(finished.steps_succeeded() + 1);
  const pb::Usage& more = step.response.usage();
  pb::Usage& usage = *finished.mutable_usage();
  usage.set_prompt_tokens(usage.prompt_tokens() + more.prompt_tokens());
  usage.set_completion_tokens(usage.completion_tokens() +
                              more.completion_tokens());
  usage.set_total_tokens(usage.total_tokens() + more.total_tokens());
  usage.set_cached_prompt_tokens(usage.cached_prompt_tokens() +
                                 more.cached_prompt_tokens());
  usage.set_reasoning_tokens(usage.reasoning_tokens() +
                             more.reasoning_tokens());
  usage.set_estimated(usage.estimated() || more.estimated());
  if (step.cost.has_value()) AddCost(*step.cost, cost_);
}

void WorkflowTotals::WriteCost(pb::WorkflowFinished& finished) const {
  holysheep::WriteCost(cost_, *finished.mutable_cost());
}

}  // namespace holysheep
