#include "intake/routing.h"

#include <algorithm>
#include <utility>

#include "chat/needs.h"
#include "chat/prompt_estimate.h"
#include "holysheep/node/v1/chat.pb.h"
#include "intake/extra_params.h"
#include "intake/validation.h"

namespace holysheep {
// Called before validation, so nothing in the request may be relied on.

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
  needs.capabilities = CapabilitiesOf(NeedsOf(request));
  needs.tags.assign(request.tags().begin(), request.tags().end());
  absl::StatusOr<RoutingChoice> choice = ChooseModel(catalog, rules, needs);
  if (!choice.ok()) return choice.status();
  request.set_model(choice->model.id);
  return std::move(choice->why);
}

}  // namespace holysheep
