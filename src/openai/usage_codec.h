#pragma once

#include <optional>

#include "holysheep/node/v1/chat.pb.h"
#include "json/json_dom.h"

namespace holysheep {

namespace pb = node::v1;

// The token counts of a `usage` object, under the names of chat completions or
// of the Responses API; none if it does not count both prompt and answer. A
// zero that is said stays; what is not said of the rest is 0. Prompt and
// completion add up to the total: what the upstream's total has beyond them are
// thoughts, which are output, and so are more reasoning tokens than output
// tokens.
std::optional<pb::Usage> DecodeUsage(const JsonValue& usage);

}  // namespace holysheep
