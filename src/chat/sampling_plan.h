#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chat/chat_request.h"

namespace holysheep {

// What an attempt sends of temperature, top_p and max_tokens.
struct SamplingPlan {
  std::optional<double> temperature;
  std::optional<double> top_p;
  // Under the name that the model's wire has for it.
  std::optional<int64_t> max_tokens;
  // One for each value of the caller's that is not sent as it is.
  std::vector<std::string> warnings;
};

// Decides by ChatRequest::wire: a value that the model does not take is left
// out, with a warning if the caller has set it. REQUIRES: the request has a
// target. Pure.
SamplingPlan PlanSampling(const ChatRequest& request);

// The most tokens that the answer may have: the request's max_tokens, but at
// most what the model asked now can write, and of a fallback model at most what
// its context leaves after the estimated prompt. 0 if the request has none.
int64_t MaxTokensOf(const ChatRequest& request);

}  // namespace holysheep
