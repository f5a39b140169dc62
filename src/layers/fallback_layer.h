#pragma once

#include <memory>

#include "chat/backend.h"

namespace holysheep {

// Asks the next of `message->fallback_models` when a model cannot serve:
// limited, used up or down at the upstream, the key refused, circuit open, no
// connection, no first token, an answer that is none or ends too soon, unknown
// there, or too small for the prompt if the next one is larger. Never once a
// delta was passed on, and never for another error of the caller's own. If no
// model can, the first one's error stands. The answer of another model says so,
// and counts all attempts.
std::unique_ptr<ChatBackend> FallbackLayer(std::unique_ptr<ChatBackend> next);

}  // namespace holysheep
