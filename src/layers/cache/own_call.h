#pragma once

#include <memory>

#include "chat/backend.h"

namespace holysheep {

// Starts `request` at `next` for one caller alone, who bypasses the cache or
// has left a flight: the answer is not kept. `outcome`, of pb::CacheInfo, is
// what it says. On the loop only.
std::unique_ptr<ChatCall> StartOwnCall(ChatBackend& next,
                                       const ChatRequest& request,
                                       ChatObserver& observer, int outcome);

}  // namespace holysheep
