#pragma once

#include <memory>

#include "base/event_loop.h"
#include "base/worker.h"
#include "chat/backend.h"
#include "upstream/openai_options.h"

namespace holysheep {

// Encodes large requests as JSON on `worker`, because that would block the
// loop, and passes all others on at once. Belongs directly above OpenAi, which
// uses the result (ChatRequest::encoded). On the loop only. Large is 64 KiB and
// more. `options` and `worker` must outlive the layer.
std::unique_ptr<ChatBackend> EncodingLayer(EventLoop& loop, Worker& worker,
                                           const OpenAiOptions& options,
                                           std::unique_ptr<ChatBackend> next);

}  // namespace holysheep
