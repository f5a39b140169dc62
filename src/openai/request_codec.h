#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "chat/backend.h"

// Encodes a chat request as the JSON body of an OpenAI chat completion. Pure.
namespace holysheep {

// How the answer is to arrive.
struct EncodeOptions {
  // Request the answer piece by piece, with its usage at the end.
  bool stream = true;
};

// A request in the upstream's form. Sent as it is: the backend adds headers
// only.
struct EncodedRequest {
  // One JSON object in UTF-8.
  std::string body;
  // As in the options.
  bool stream = true;
  // What was dropped or adapted, in plain words; if there is too much, how many
  // more.
  std::vector<std::string> warnings;
};

// Every field that can change the answer is sent to the upstream, in the form
// that ChatRequest::wire has for it: PlanSampling and PlanReasoning (chat) say
// what of sampling and reasoning is left out or translated. What the target's
// model does not support is refused with the field at fault (see CheckNeeds),
// or adapted with a warning:
//   role DEVELOPER         `system`, except for OpenAI's own models
//   parallel_tool_calls    dropped
//   reasoning              dropped, also that of earlier messages
//   JSON_SCHEMA            as JSON_OBJECT, with the schema in the prompt
//   JSON_OBJECT            dropped, with an instruction in the prompt
// Without a warning, JSON_OBJECT adds the word JSON to a prompt without it, the
// type image/jpg becomes image/jpeg, and media of TOOL messages go into a USER
// message after them.
// REQUIRES: `request.message` has been checked (see ValidateRequest): JSON
// texts are embedded without a check. Large requests are encoded on a worker,
// others on the loop (layers/encoding_layer.h). The errors are those of
// CheckNeeds, and INVALID_ARGUMENT with the field for a number that is not
// finite. Takes time linear in the request.
absl::StatusOr<EncodedRequest> EncodeRequest(const ChatRequest& request,
                                             const EncodeOptions& options);

}  // namespace holysheep
