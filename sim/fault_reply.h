#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "sim/chat_question.h"
#include "sim/fault.h"
#include "sim/wire.h"

namespace holysheep::sim {

// The time of a fault, and the id of the request that it affects.
struct Occasion {
  absl::Time now;
  // When the behaviour began.
  absl::Time since;
  std::string request_id;
};

// Returns the response that replaces the completion; nothing if the fault keeps
// the completion, or does not apply to this question or at this time.
std::optional<Plan> PlanInstead(const Fault& fault,
                                const ChatQuestion& question,
                                const Occasion& occasion);

// A response with an OpenAI error body and that status.
Plan ErrorPlan(int status, absl::string_view message,
               const std::string& request_id = "");

}  // namespace holysheep::sim
