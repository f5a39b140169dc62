#pragma once

#include <memory>

#include "base/event_loop.h"
#include "chat/backend.h"

namespace holysheep {

// Ends a call with TOTAL_TIMEOUT at its deadline. Outside the cache, so that
// each of those who wait for one answer has a deadline of their own.
std::unique_ptr<ChatBackend> Expire(EventLoop& loop,
                                    std::unique_ptr<ChatBackend> next);

}  // namespace holysheep
