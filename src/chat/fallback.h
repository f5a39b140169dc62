#pragma once

#include <memory>

#include "chat/backend.h"

namespace holysheep {

// Asks the next of `message->fallback_models` when a model cannot serve:
// limited or down at the upstream, circuit open, no connection, no first
// token, or unknown there. Never once a delta was passed on, and never for an
// error of the caller's own. If no model can, the first one's error stands.
// The answer of another model says so, and counts all attempts.
std::unique_ptr<ChatBackend> Fallback(std::unique_ptr<ChatBackend> next);

}  // namespace holysheep
