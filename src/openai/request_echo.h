#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "openai/error_words.h"

namespace holysheep {

namespace node::v1 {
class InvokeRequest;
}  // namespace node::v1
namespace pb = node::v1;

// Returns `search` (see ErrorWords) without what it repeats of the request: the
// beginnings, of at least 8 characters, of the query, of the system prompt and
// of the texts of the last 8 messages, each up to where it differs. The topic
// of a question says nothing about the cause of an error. Reads at most 16 KiB
// of each text. Pure. Each text is removed at most four times, so that the time
// stays bounded. Without this step a question about `rate limits` that an
// upstream quotes in its refusal would be read as one. `plain` is how `search`
// was made of the upstream's text; those of the request are compared likewise.
std::string WithoutEcho(
    absl::string_view search, const pb::InvokeRequest& request,
    std::string (*plain)(absl::string_view) = WithoutQuotes);

}  // namespace holysheep
