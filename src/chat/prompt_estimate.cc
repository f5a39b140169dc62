#include "chat/prompt_estimate.h"

#include <string>

#include "absl/strings/match.h"
#include "chat/opaque_json.h"
#include "holysheep/node/v1/chat.pb.h"
#include "policy/token_estimate.h"

namespace holysheep {
namespace {

int64_t Tokens(const std::string& text) { return EstimateTokens(text.size()); }

int64_t TokensOfPart(const pb::Part& part) {
  switch (part.part_case()) {
    case pb::Part::kText:
      return Tokens(part.text());
    case pb::Part::PART_NOT_SET:
      return 0;
    default:
      return kTokensPerMedium;
  }
}

// Opaque parts that are sent count in full, although some upstreams do not
// charge for them: the estimate should rather be too high.
int64_t TokensOfOpaque(const std::string& json) {
  if (!absl::StrContains(json, kForCallerOnly)) return Tokens(json);
  size_t bytes = 0;
  for (const JsonMember& member : MembersSentBack(json)) {
    bytes += member.name.size() + member.value.size();
  }
  return EstimateTokens(bytes);
}

int64_t TokensOfMessage(const pb::Message& message) {
  int64_t tokens = kTokensPerMessage + Tokens(message.name()) +
                   Tokens(message.reasoning()) +
                   TokensOfOpaque(message.opaque_json());
  for (const pb::Part& part : message.parts()) tokens += TokensOfPart(part);
  for (const pb::ToolCall& call : message.tool_calls()) {
    tokens += Tokens(call.name()) + Tokens(call.arguments_json());
  }
  return tokens;
}

int64_t TokensOfQuery(const pb::InvokeRequest& request) {
  int64_t tokens = kTokensPerMessage + Tokens(request.query());
  if (!request.system_prompt().empty()) {
    tokens += kTokensPerMessage + Tokens(request.system_prompt());
  }
  return tokens;
}

}  // namespace

int64_t EstimatePromptTokens(const pb::InvokeRequest& request) {
  int64_t tokens = kTokensPerReply;
  if (request.messages().empty()) tokens += TokensOfQuery(request);
  for (const pb::Message& message : request.messages()) {
    tokens += TokensOfMessage(message);
  }
  for (const pb::Tool& tool : request.tools()) {
    tokens += Tokens(tool.name()) + Tokens(tool.description()) +
              Tokens(tool.parameters_json());
  }
  return tokens + Tokens(request.response_format().schema_json());
}

TokenCounts EstimateTokenCounts(const pb::InvokeRequest& request,
                                int64_t completion) {
  TokenCounts tokens;
  tokens.prompt = EstimatePromptTokens(request);
  tokens.completion = completion;
  return tokens;
}

}  // namespace holysheep
