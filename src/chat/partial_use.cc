#include "chat/partial_use.h"

#include "chat/prompt_estimate.h"
#include "holysheep/node/v1/chat.pb.h"
#include "policy/catalog.h"
#include "policy/token_estimate.h"

namespace holysheep {

size_t ContentBytes(const pb::InvokeEvent& delta) {
  switch (delta.event_case()) {
    case pb::InvokeEvent::kText:
      return delta.text().size();
    case pb::InvokeEvent::kReasoning:
      return delta.reasoning().size();
    case pb::InvokeEvent::kRefusal:
      return delta.refusal().size();
    case pb::InvokeEvent::kToolCall:
      return delta.tool_call().name().size() +
             delta.tool_call().arguments_fragment().size();
    default:
      return 0;
  }
}

TokenCounts PartialUse(const ChatRequest& request, size_t content_bytes) {
  TokenCounts tokens;
  if (content_bytes == 0) return tokens;
  tokens.prompt = EstimatePromptTokens(*request.message);
  tokens.completion = EstimateTokens(content_bytes);
  return tokens;
}

Money PartialCost(const ChatRequest& request, size_t content_bytes) {
  const ModelInfo model = request.catalog->FindOrAssume(request.model);
  return PriceTokens(model, PartialUse(request, content_bytes)).total;
}

}  // namespace holysheep
