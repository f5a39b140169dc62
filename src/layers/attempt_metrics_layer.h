#pragma once

#include <memory>

#include "base/event_loop.h"
#include "chat/attempt_sink.h"
#include "chat/backend.h"

namespace holysheep {

// Reports every attempt of `next` to `sink`, and adds it to the call's
// statistics. Loop thread only.
std::unique_ptr<ChatBackend> AttemptMetricsLayer(
    EventLoop& loop, AttemptSink& sink, std::unique_ptr<ChatBackend> next);

}  // namespace holysheep
