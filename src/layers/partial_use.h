#pragma once

#include <cstddef>

#include "absl/status/status.h"
#include "chat/backend.h"
#include "policy/price_list.h"

namespace holysheep {

// Returns the bytes of the answer in one delta. Text, reasoning, refusal and
// the parts of tool calls.
size_t ContentBytes(const pb::InvokeEvent& delta);

// Estimates the usage of an attempt that ended in `end` without reporting it:
// the prompt, and `content_bytes` of answer. kCancelled means that the caller
// left. Returns zero if nothing had come and the upstream was not reached or
// has refused: then it charges nothing. The estimate is that of EstimateTokens.
// Pure.
TokenCounts UnreportedUse(const ChatRequest& request, const absl::Status& end,
                          size_t content_bytes);

// Returns the price of `tokens` for the model that `request` asks now.
Price PriceFor(const ChatRequest& request, const TokenCounts& tokens);

}  // namespace holysheep
