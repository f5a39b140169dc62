#include "layers/partial_use.h"

#include "base/errors.h"
#include "chat/prompt_estimate.h"
#include "holysheep/node/v1/chat.pb.h"
#include "policy/catalog.h"
#include "policy/token_estimate.h"

namespace holysheep {
namespace {

// The first HTTP status of an error.
constexpr int kFirstRefusal = 400;

// Whether the upstream may have worked on an attempt that ended in this way
// before it said anything.
bool MayHaveBegun(const absl::Status& end) {
  if (absl::IsCancelled(end)) return true;
  return RowOf(end).begun && DetailsOf(end).http_status < kFirstRefusal;
}

}  // namespace

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

// A prompt is charged as soon as the upstream works on it, whether or not its
// answer arrives.
TokenCounts UnreportedUse(const ChatRequest& request, const absl::Status& end,
                          size_t content_bytes) {
  if (content_bytes == 0 && !MayHaveBegun(end)) return {};
  return EstimateTokenCounts(*request.message, EstimateTokens(content_bytes));
}

Price PriceFor(const ChatRequest& request, const TokenCounts& tokens) {
  return PriceTokens(request.target->model, tokens);
}

}  // namespace holysheep
