#pragma once

#include <optional>

#include "holysheep/node/v1/chat.pb.h"
#include "json/json_dom.h"

namespace holysheep {

namespace pb = node::v1;

// Reads the token counts of a `usage` object, under the names of chat
// completions or of the Responses API. Returns nothing unless it counts both
// prompt and answer; other counts default to 0. In the result, prompt and
// completion add up to the total: tokens that the upstream's total has in
// excess are reasoning, which is output, and so are more reasoning tokens than
// output tokens. Counts above 10^12 are treated as missing.
// `cached_prompt_tokens` never exceeds the prompt. Pure.
std::optional<pb::Usage> DecodeUsage(const JsonValue& usage);

}  // namespace holysheep
