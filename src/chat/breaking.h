#pragma once

#include <memory>

#include "base/event_loop.h"
#include "chat/backend.h"
#include "chat/breaker_board.h"

namespace holysheep {

// Refuses a call at once, with CIRCUIT_OPEN, while its model is known to be
// down, and with it those that wait for the limits when that becomes known.
// `board` must outlive the layer.
std::unique_ptr<ChatBackend> Break(EventLoop& loop, BreakerBoard& board,
                                   std::unique_ptr<ChatBackend> next);

}  // namespace holysheep
