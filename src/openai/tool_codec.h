#pragma once

#include <string>
#include <vector>

#include "chat/chat_request.h"
#include "json/json.h"
#include "json/json_writer.h"
#include "openai/message_codec.h"

// Internal to the request codec.
namespace holysheep {

// Writes `tools`, `tool_choice` and `parallel_tool_calls`, if they are present.
// REQUIRES: the JSON Schemas are valid. `parallel_tool_calls` is dropped with a
// warning if there are no tools or the model has no such choice.
void WriteTools(const pb::InvokeRequest& request, const MessageContext& context,
                JsonWriter& writer);

// Writes what PlanReasoning decides, in the members of the model's wire, and
// returns its warnings. `extras` are the members of extra_params_json, which
// the caller writes afterwards: one that had to be merged is removed. The form
// `enable_thinking` is written both as a member and as an argument of the chat
// template.
std::vector<std::string> WriteReasoning(const ChatRequest& request,
                                        std::vector<JsonMember>& extras,
                                        JsonWriter& writer);

}  // namespace holysheep
