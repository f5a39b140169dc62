#pragma once

#include <cstdint>

#include "policy/price_list.h"

namespace holysheep {

namespace node::v1 {
class InvokeRequest;
}  // namespace node::v1
namespace pb = node::v1;

// Estimates the prompt tokens of a request before the upstream has counted
// them: EstimateTokens of each text, JSON included, plus constants for
// messages, media and the start of the answer. See policy/token_estimate.h.
// Pure. For limits, budgets, routing and cost estimates; the price of an answer
// uses what the upstream reports, if it does. Linear in the request.
int64_t EstimatePromptTokens(const pb::InvokeRequest& request);

// What a call takes whose answer has `completion` tokens; its prompt is
// estimated, and none of it cached.
TokenCounts EstimateTokenCounts(const pb::InvokeRequest& request,
                                int64_t completion);

}  // namespace holysheep
