#pragma once

#include <memory>

#include "chat/backend.h"
#include "upstream/openai_options.h"

namespace holysheep {

// Hides the keys of the service and of the caller in what the upstream says in
// addition to its answer: errors, ids, the model's name and so on. The model's
// own words (text, reasoning, refusals, a tool call's name and arguments) pass
// unchanged. `options` must outlive the layer; a call uses the keys at its
// start. On the loop only. An upstream that quotes the key in an error would
// otherwise show it to every caller.
std::unique_ptr<ChatBackend> KeyVeilLayer(const OpenAiOptions& options,
                                          std::unique_ptr<ChatBackend> next);

}  // namespace holysheep
