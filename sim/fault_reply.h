#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "sim/chat_question.h"
#include "sim/fault.h"
#include "sim/wire.h"

namespace holysheep::sim {

// When a fault strikes, and the id of the request that it strikes.
struct Occasion {
  absl::Time now;
  // When the behaviour began.
  absl::Time since;
  std::string request_id;
};

// The response instead of the completion; nothing where the fault leaves a
// completion, or does not apply to this question or at this time.
std::optional<Plan> PlanInstead(const Fault& fault,
                                const ChatQuestion& question,
                                const Occasion& occasion);

// A response with an OpenAI error body of that status.
Plan ErrorPlan(int status, absl::string_view message,
               const std::string& request_id = "");

}  // namespace holysheep::sim
