#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chat/chat_request.h"

namespace holysheep {

// How an attempt asks for reasoning, in the terms that its model knows.
struct ReasoningPlan {
  // Nothing is sent of a member that is not set here.
  std::optional<bool> enabled;
  std::string effort;
  // In tokens.
  std::optional<int64_t> budget;
  // What was translated or dropped.
  std::vector<std::string> warnings;

  bool empty() const {
    return !enabled.has_value() && effort.empty() && !budget.has_value();
  }
};

// Translates the request's `reasoning` into the form of ChatRequest::wire:
//   unset            effort, enabled and budget as they are
//   effort           an effort only; `none` for `enabled: false`
//   thinking         enabled, and a budget below max_tokens
//   enable_thinking  enabled and a budget
//   openrouter       one of the three
//   none             nothing
// A model that does not reason is sent nothing. REQUIRES: the request has a
// target. Pure.
ReasoningPlan PlanReasoning(const ChatRequest& request);

// Whether the model thinks as Claude does until 4.6: only with a budget, and
// without sampling. Claude is known by taking one of temperature and top_p.
inline bool ThinksWithBudget(const ModelWire& wire) {
  return wire.exclusive && wire.reasoning == ModelWire::Reasoning::kThinking;
}

}  // namespace holysheep
