#include "upstream/usage_bounds.h"

#include <algorithm>

#include "holysheep/node/v1/chat.pb.h"
#include "policy/catalog.h"

namespace holysheep {
namespace {

constexpr int64_t kMadeByTheUpstream = 1'000'000;

// Whether the request asks for thinking whose length it does not bound.
bool ThinksWithoutBound(const pb::Reasoning& reasoning) {
  if (reasoning.has_enabled() && !reasoning.enabled()) return false;
  if (reasoning.has_budget_tokens()) return false;
  return reasoning.enabled() ||
         (!reasoning.effort().empty() && reasoning.effort() != "none");
}

}  // namespace

UsageBounds UsageBoundsFor(const ChatRequest& request, size_t body_bytes) {
  const pb::InvokeRequest& message = *request.message;
  const ModelInfo& model = request.target->model;
  const pb::Reasoning& reasoning = message.reasoning();
  const int64_t limit =
      model.max_output_tokens > 0 ? model.max_output_tokens : kMostTokens;
  const bool is_sent = message.has_max_tokens() &&
                       request.wire().max_tokens != ModelWire::MaxTokens::kOmit;
  UsageBounds bounds;
  bounds.prompt = std::min(
      static_cast<int64_t>(body_bytes) + kMadeByTheUpstream, kMostTokens);
  int64_t most = is_sent ? message.max_tokens() : limit;
  if (ThinksWithoutBound(reasoning)) most = std::max(most, limit);
  if (reasoning.enabled() || !reasoning.has_enabled()) {
    most += std::max<int64_t>(reasoning.budget_tokens(), 0);
  }
  bounds.completion = std::min(most, kMostTokens);
  return bounds;
}

}  // namespace holysheep
