#pragma once

#include <cstddef>

#include "chat/backend.h"
#include "policy/price_list.h"

namespace holysheep {

// The bytes of answer in one delta.
size_t ContentBytes(const pb::InvokeEvent& delta);

// What an attempt that ended without saying so has used, estimated from the
// request and from the bytes of answer that had come: nothing if none had.
TokenCounts PartialUse(const ChatRequest& request, size_t content_bytes);

// What that costs.
Money PartialCost(const ChatRequest& request, size_t content_bytes);

}  // namespace holysheep
