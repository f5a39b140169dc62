#pragma once

#include "json/json_writer.h"
#include "openai/message_codec.h"

namespace holysheep {

// Writes `tools`, `tool_choice` and `parallel_tool_calls`, if they are present.
// REQUIRES: the JSON Schemas are valid. Internal to the request codec.
// `parallel_tool_calls` is dropped with a warning if there are no tools or the
// model has no such choice.
void WriteTools(const pb::InvokeRequest& request, const MessageContext& context,
                JsonWriter& writer);

}  // namespace holysheep
