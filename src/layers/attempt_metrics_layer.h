#pragma once

#include <memory>

#include "base/event_loop.h"
#include "chat/attempt_sink.h"
#include "chat/backend.h"

namespace holysheep {

// Tells `sink` of every attempt of `next`, and notes it in the call's
// statistics.
std::unique_ptr<ChatBackend> AttemptMetricsLayer(
    EventLoop& loop, AttemptSink& sink, std::unique_ptr<ChatBackend> next);

}  // namespace holysheep
