#pragma once

#include <cstddef>

#include "chat/backend.h"
#include "policy/usage_check.h"

namespace holysheep {

// Returns how many tokens an attempt at `request`, whose body has `body_bytes`,
// can take. The prompt: one a byte, and a million more, since upstreams add
// templates, pictures and prompts of their own. The answer: `max_tokens`, or
// the model's limit where that is not sent; with the budget of the thinking
// where there is one, and at least the model's limit where thinking was asked
// for without one. What is not known bounds nothing. Pure.
UsageBounds UsageBoundsFor(const ChatRequest& request, size_t body_bytes);

}  // namespace holysheep
