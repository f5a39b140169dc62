#pragma once

#include <optional>

#include "holysheep/node/v1/chat.pb.h"
#include "upstream/json_dom.h"

namespace holysheep {

namespace pb = node::v1;

// The token counts of a `usage` object; none if it does not count both prompt
// and answer. A zero that is said stays; what is not said of the rest is 0, and
// the total is the sum.
std::optional<pb::Usage> DecodeUsage(const JsonValue& usage);

}  // namespace holysheep
