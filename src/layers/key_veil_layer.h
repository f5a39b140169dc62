#pragma once

#include <memory>

#include "chat/backend.h"
#include "upstream/openai_options.h"

namespace holysheep {

// Hides the service's key and the caller's own in what the upstream says beside
// its answer: errors, ids, the model's name and the like. What the model itself
// says (text, reasoning, refusals, a tool call's name and arguments) passes
// untouched. `options` must outlive the layer; a call goes by the keys that
// hold when it starts.
std::unique_ptr<ChatBackend> KeyVeilLayer(const OpenAiOptions& options,
                                          std::unique_ptr<ChatBackend> next);

}  // namespace holysheep
