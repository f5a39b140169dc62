#pragma once

#include <memory>

#include "chat/backend.h"

namespace holysheep {

// Asks the next of `message->fallback_models` when a model cannot serve:
// limited, exhausted or down at the upstream, key refused, circuit open, no
// connection, no first token, an invalid or incomplete answer, model unknown,
// or prompt too long if the next model's context is larger. Not after a delta
// has been passed on, and not for other errors of the caller's own. If no model
// can serve, the first error is returned. The answer of another model says so
// and counts all attempts. On the loop only. The table of base/reasons.h says
// which errors these are.
std::unique_ptr<ChatBackend> FallbackLayer(std::unique_ptr<ChatBackend> next);

}  // namespace holysheep
