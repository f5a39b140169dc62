#pragma once

#include <memory>

#include "base/event_loop.h"
#include "base/worker.h"
#include "chat/backend.h"
#include "upstream/openai_options.h"

namespace holysheep {

// A layer that has large requests written as JSON beside the loop, which would
// stand still meanwhile, and passes every other on at once. Belongs right above
// OpenAi, which takes what is written already (ChatRequest::encoded). Loop
// thread only.
std::unique_ptr<ChatBackend> EncodingLayer(EventLoop& loop, Worker& worker,
                                           const OpenAiOptions& options,
                                           std::unique_ptr<ChatBackend> next);

}  // namespace holysheep
