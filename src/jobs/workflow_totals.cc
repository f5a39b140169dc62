#include "jobs/workflow_totals.h"

#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "holysheep/node/v1/node.pb.h"

namespace holysheep {
namespace {

// Reads an amount of the wire; a difference may be negative.
Money AmountOf(absl::string_view text) {
  const bool negative = absl::ConsumePrefix(&text, "-");
  const Money amount = Money::ParseSigned(text).value_or(Money());
  return negative ? Money() - amount : amount;
}

}  // namespace

void WorkflowTotals::Add(const pb::InvokeResponse& step,
                         pb::WorkflowFinished& finished) {
  finished.set_steps_succeeded(finished.steps_succeeded() + 1);
  const pb::Usage& more = step.usage();
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
  const pb::Cost& cost = step.cost();
  total_ += AmountOf(cost.total());
  prompt_ += AmountOf(cost.prompt());
  completion_ += AmountOf(cost.completion());
  official_ += AmountOf(cost.official());
  saved_ += AmountOf(cost.saved());
}

void WorkflowTotals::WriteCost(pb::WorkflowFinished& finished) const {
  pb::Cost& cost = *finished.mutable_cost();
  cost.set_total(total_.ToString());
  cost.set_prompt(prompt_.ToString());
  cost.set_completion(completion_.ToString());
  cost.set_official(official_.ToString());
  cost.set_saved(saved_.ToString());
  cost.set_currency("USD");
}

}  // namespace holysheep
