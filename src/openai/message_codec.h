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

struct MessageContext {
  const ModelInfo& model;
  // Added to the conversation's system message, or as one if it has none.
  absl::string_view instruction;
  // Takes what had to be adapted.
  std::vector<std::string>& warnings;
};

// Writes the conversation as the array `messages` of a chat completion.
// Internal to the request codec. What may be in `opaque_json`, as the response
// codec puts it there: members of the assistant message, and under
// `tool_calls` an object that holds, by tool call id, members of that call.
// REQUIRES: it is checked to be so.
void WriteMessages(const pb::InvokeRequest& request,
                   const MessageContext& context, JsonWriter& writer);

// Writes one part of a message at `path`. Sound is `input_audio` if its data is
// there and `audio_url` otherwise, a video is a `video_url`, a document a
// `file`.
void WritePart(const pb::Part& part, absl::string_view path,
               const MessageContext& context, JsonWriter& writer);

}  // namespace holysheep
