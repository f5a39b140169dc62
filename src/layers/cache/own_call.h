#pragma once

#include <memory>

#include "chat/backend.h"

namespace holysheep {

// Starts `request` at `next` for a caller who has left a flight: the answer is
// a MISS and is not kept. On the loop only.
std::unique_ptr<ChatCall> StartOwnCall(ChatBackend& next,
                                       const ChatRequest& request,
                                       ChatObserver& observer);

}  // namespace holysheep
