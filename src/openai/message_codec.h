#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "json/json_writer.h"
#include "policy/catalog.h"

namespace holysheep {

namespace node::v1 {
class InvokeRequest;
class Part;
}  // namespace node::v1
namespace pb = node::v1;

// What the messages depend on besides the request. All references must outlive
// the writing.
struct MessageContext {
  // Decides about roles and reasoning.
  const ModelInfo& model;
  // Appended to the conversation's system message, or sent as one if it has
  // none.
  absl::string_view instruction;
  // Receives a warning for everything that had to be adapted.
  std::vector<std::string>& warnings;
};

// Writes the conversation as the array `messages` of a chat completion.
// `opaque_json` may hold, as the response codec writes it, members of the
// assistant message and, under `tool_calls`, an object with members of each
// call by its id. REQUIRES: it has been checked. Internal to the request codec.
// The conversation is `messages` or, if there are none, `system_prompt` and
// `query`. Writes the array only, not its key. Media of TOOL messages follow
// the last of them in a user message.
void WriteMessages(const pb::InvokeRequest& request,
                   const MessageContext& context, JsonWriter& writer);

// Writes one part of a message at `path`. Sound is sent as `input_audio` if its
// data is present and as `audio_url` otherwise, a video as `video_url`, a
// document as `file`. image/jpg becomes image/jpeg. `path` appears in warnings.
// Data is encoded as base64, so the output is a third larger than the part.
void WritePart(const pb::Part& part, absl::string_view path,
               const MessageContext& context, JsonWriter& writer);

}  // namespace holysheep
