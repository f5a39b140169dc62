#include "intake/routing.h"

#include <algorithm>
#include <utility>

#include "chat/prompt_estimate.h"
#include "holysheep/node/v1/chat.pb.h"
#include "intake/extra_params.h"
#include "intake/validation.h"

namespace holysheep {
namespace {

uint32_t Bit(Capability capability, bool needed) {
  return needed ? uint32_t{1} << static_cast<int>(capability) : 0;
}

uint32_t NeedsOf(const pb::Message& message) {
  uint32_t needs =
      Bit(Capability::kTools,
          !message.tool_calls().empty() || message.role() == pb::Message::TOOL);
  for (const pb::Part& part : message.parts()) {
    needs |= Bit(Capability::kVision, part.has_image()) |
             Bit(Capability::kAudio, part.has_audio()) |
             Bit(Capability::kVideo, part.has_video()) |
             Bit(Capability::kDocument, part.has_document());
  }
  return needs;
}

bool AsksToThink(const pb::Reasoning& reasoning) {
  if (reasoning.has_enabled()) return reasoning.enabled();
  return !reasoning.effort().empty() || reasoning.has_budget_tokens();
}

uint32_t NeedsOf(const pb::InvokeRequest& request) {
  const auto format = request.response_format().type();
  uint32_t needs =
      Bit(Capability::kTools, !request.tools().empty()) |
      Bit(Capability::kParallelTools, request.parallel_tool_calls()) |
      Bit(Capability::kJsonObject, format == pb::ResponseFormat::JSON_OBJECT) |
      Bit(Capability::kJsonSchema, format == pb::ResponseFormat::JSON_SCHEMA) |
      Bit(Capability::kReasoning, AsksToThink(request.reasoning()));
  for (const pb::Message& message : request.messages()) {
    needs |= NeedsOf(message);
  }
  return needs;
}

}  // namespace

absl::StatusOr<std::string> RouteModel(const Catalog& catalog,
                                       const std::vector<RoutingRule>& rules,
                                       pb::InvokeRequest& request) {
  if (request.model() != kAutoModel || catalog.Find(kAutoModel) != nullptr) {
    return std::string();
  }
  // They may say how many tokens are wanted, and in which form.
  absl::Status taken = TakeExtraParams(request);
  if (!taken.ok()) return taken;
  RoutingNeeds needs;
  needs.prompt_tokens = EstimatePromptTokens(request);
  needs.may_be_shorter = !request.has_max_tokens();
  needs.max_tokens = request.has_max_tokens()
                         ? std::max<int64_t>(request.max_tokens(), 0)
                         : kDefaultMaxTokens;
  needs.capabilities = NeedsOf(request);
  needs.tags.assign(request.tags().begin(), request.tags().end());
  absl::StatusOr<RoutingChoice> choice = ChooseModel(catalog, rules, needs);
  if (!choice.ok()) return choice.status();
  request.set_model(choice->model.id);
  return std::move(choice->why);
}

}  // namespace holysheep
