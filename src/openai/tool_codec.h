#pragma once

#include "json/json_writer.h"
#include "openai/message_codec.h"

namespace holysheep {

// Writes `tools`, `tool_choice` and `parallel_tool_calls`, as far as they are
// there. Internal to the request codec. REQUIRES: the JSON Schemas are valid.
void WriteTools(const pb::InvokeRequest& request, const MessageContext& context,
                JsonWriter& writer);

}  // namespace holysheep
