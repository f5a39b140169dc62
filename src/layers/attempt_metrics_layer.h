#pragma once

#include <memory>

#include "base/event_loop.h"
#include "chat/attempt_sink.h"
#include "chat/backend.h"

namespace holysheep {

// Reports every attempt of `next` to `sink`, and adds it to the call's
// statistics. On the loop only. An attempt that its caller abandons is reported
// as CANCELLED. `sink` must outlive the layer.
std::unique_ptr<ChatBackend> AttemptMetricsLayer(
    EventLoop& loop, AttemptSink& sink, std::unique_ptr<ChatBackend> next);

}  // namespace holysheep
