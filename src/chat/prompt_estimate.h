#pragma once

#include <cstdint>

namespace holysheep {

namespace node::v1 {
class InvokeRequest;
}  // namespace node::v1
namespace pb = node::v1;

// How many prompt tokens a request is, before the upstream has said: each text
// by EstimateTokens, JSON included, plus what a message, a medium and the
// answer's start add. See policy/token_estimate.h.
int64_t EstimatePromptTokens(const pb::InvokeRequest& request);

}  // namespace holysheep
