#pragma once

#include <cstddef>

#include "absl/status/status.h"
#include "chat/backend.h"
#include "policy/price_list.h"

namespace holysheep {

// The bytes of answer in one delta.
size_t ContentBytes(const pb::InvokeEvent& delta);

// What an attempt has used that ended in `end` without saying so, estimated:
// the prompt, and what `content_bytes` of answer had come. A caller who left is
// kCancelled. Nothing if nothing had come and the upstream was not reached or
// has refused: then it wants no money.
TokenCounts UnreportedUse(const ChatRequest& request, const absl::Status& end,
                          size_t content_bytes);

// What that many tokens of the model that `request` asks now cost.
Price PriceFor(const ChatRequest& request, const TokenCounts& tokens);

}  // namespace holysheep
