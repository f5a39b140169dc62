#include "intake/estimate_cost.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/errors.h"
#include "chat/cost.h"
#include "chat/prompt_estimate.h"
#include "holysheep/node/v1/node.pb.h"
#include "intake/routing.h"
#include "policy/catalog.h"
#include "policy/price_list.h"

namespace holysheep {
// A whole request takes the way of a call, routing and validation included, so
// that the estimate is that of the call; only limits and cache are left out.

namespace {

// Far beyond any use, and far from an overflow.
constexpr int64_t kMaxCount = 1'000'000'000'000;

pb::EstimateCostResponse Estimated(const ModelInfo& model,
                                   const TokenCounts& tokens, bool estimated) {
  pb::EstimateCostResponse response;
  WriteCost(CostOf(PriceTokens(model, tokens), model),
            *response.mutable_cost());
  pb::Usage& usage = *response.mutable_tokens();
  usage.set_prompt_tokens(tokens.prompt);
  usage.set_completion_tokens(tokens.completion);
  usage.set_total_tokens(tokens.prompt + tokens.completion);
  usage.set_estimated(estimated);
  response.set_estimated(estimated);
  return response;
}

absl::Status CheckTokenCount(absl::string_view field, int64_t count) {
  if (count >= 0 && count <= kMaxCount) return absl::OkStatus();
  return InvalidField(field,
                      absl::StrCat("must be 0 to ", kMaxCount, ", is ", count));
}

// Translates an error of the request to the field's path here.
absl::Status InsideRequest(const absl::Status& status) {
  const std::string field = DetailsOf(status).field;
  absl::string_view message = status.message();
  absl::ConsumePrefix(&message, field + ": ");
  return InvalidField("request." + field, message);
}

absl::StatusOr<pb::EstimateCostResponse> EstimateCounts(
    const pb::EstimateCostRequest& request, const Catalog& catalog) {
  absl::Status status =
      CheckTokenCount("prompt_tokens", request.prompt_tokens());
  status.Update(
      CheckTokenCount("completion_tokens", request.completion_tokens()));
  if (!status.ok()) return status;
  const std::string& id =
      request.model().empty() ? catalog.default_model() : request.model();
  if (id == kAutoModel && catalog.Find(id) == nullptr) {
    return InvalidField("model",
                        "auto needs a whole request to choose a model for");
  }
  TokenCounts tokens;
  tokens.prompt = request.prompt_tokens();
  tokens.completion = request.completion_tokens();
  return Estimated(catalog.TargetFor(id)->model, tokens, /*estimated=*/false);
}

absl::StatusOr<pb::EstimateCostResponse> EstimateRequest(
    pb::InvokeRequest request, const Catalog& catalog,
    const RequestLimits& limits) {
  const auto routing = RouteModel(catalog, limits.routing, request);
  if (!routing.ok()) return InsideRequest(routing.status());
  const auto valid = ValidateRequest(std::move(request), catalog, limits);
  if (!valid.ok()) return InsideRequest(valid.status());
  return Estimated(catalog.TargetFor((*valid)->model())->model,
                   EstimateTokenCounts(**valid, (*valid)->max_tokens()),
                   /*estimated=*/true);
}

}  // namespace

absl::StatusOr<pb::EstimateCostResponse> EstimateCost(
    pb::EstimateCostRequest request, const Catalog& catalog,
    const RequestLimits& limits) {
  const bool counts =
      request.has_prompt_tokens() || request.has_completion_tokens();
  if (!request.has_request()) {
    if (counts) return EstimateCounts(request, catalog);
    return InvalidField("request",
                        "is required, unless there are prompt_tokens or "
                        "completion_tokens instead");
  }
  if (counts || !request.model().empty()) {
    return InvalidField("request",
                        "must not be set together with model, prompt_tokens "
                        "or completion_tokens");
  }
  return EstimateRequest(std::move(*request.mutable_request()), catalog,
                         limits);
}

}  // namespace holysheep
