#include "intake/estimate_cost.h"

#include <algorithm>
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
#include "policy/usage_check.h"

namespace holysheep {
// A whole request takes the way of a call, routing and validation included, so
// that the estimate is that of the call; only limits and cache are left out.

namespace {

pb::EstimateCostResponse Estimated(const ModelInfo& model,
                                   const TokenCounts& tokens, bool estimated) {
  pb::EstimateCostResponse response;
  WriteCost(CostOf(PriceTokens(model, tokens), model),
            *response.mutable_cost());
  pb::Usage& usage = *response.mutable_tokens();
  const auto count = [](int64_t number) {
    return static_cast<int32_t>(number);
  };
  usage.set_prompt_tokens(count(tokens.prompt));
  usage.set_completion_tokens(count(tokens.completion));
  usage.set_total_tokens(count(tokens.prompt + tokens.completion));
  usage.set_cached_prompt_tokens(count(tokens.cached_prompt));
  usage.set_cache_write_tokens(count(tokens.cache_write));
  usage.set_estimated(estimated);
  response.set_estimated(estimated);
  return response;
}

absl::Status CheckTokenCount(absl::string_view field, int64_t count) {
  if (count >= 0 && count <= kMostTokens) return absl::OkStatus();
  return InvalidField(
      field, absl::StrCat("must be 0 to ", kMostTokens, ", is ", count));
}

bool HasCounts(const pb::EstimateCostRequest& request) {
  return request.has_prompt_tokens() || request.has_completion_tokens() ||
         request.has_cached_prompt_tokens() || request.has_cache_write_tokens();
}

// Cached and cache-write tokens are parts of the prompt. The field at fault is
// the first one that leaves it no room.
absl::Status CheckTokenCounts(const pb::EstimateCostRequest& request) {
  const int64_t prompt = request.prompt_tokens();
  const int64_t cached = request.cached_prompt_tokens();
  const int64_t written = request.cache_write_tokens();
  absl::Status status = CheckTokenCount("prompt_tokens", prompt);
  status.Update(
      CheckTokenCount("completion_tokens", request.completion_tokens()));
  status.Update(CheckTokenCount("cached_prompt_tokens", cached));
  status.Update(CheckTokenCount("cache_write_tokens", written));
  if (!status.ok()) return status;
  if (cached > prompt) {
    return InvalidField(
        "cached_prompt_tokens",
        absl::StrCat("must be at most the prompt_tokens, ", prompt,
                     ", of which they are part, is ", cached));
  }
  if (written > prompt - cached) {
    return InvalidField(
        "cache_write_tokens",
        absl::StrCat("must be at most the prompt_tokens that are not cached, ",
                     prompt - cached, ", is ", written));
  }
  return absl::OkStatus();
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
  absl::Status status = CheckTokenCounts(request);
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
  tokens.cached_prompt = request.cached_prompt_tokens();
  tokens.cache_write = request.cache_write_tokens();
  return Estimated(catalog.TargetFor(id)->model, tokens, /*estimated=*/false);
}

absl::StatusOr<pb::EstimateCostResponse> EstimateRequest(
    pb::InvokeRequest request, const Catalog& catalog,
    const RequestLimits& limits) {
  const auto routing = RouteModel(catalog, limits.routing, request);
  if (!routing.ok()) return InsideRequest(routing.status());
  const auto valid = ValidateRequest(std::move(request), catalog, limits);
  if (!valid.ok()) return InsideRequest(valid.status());
  const int64_t most = std::min<int64_t>((*valid)->max_tokens(), kMostTokens);
  return Estimated(catalog.TargetFor((*valid)->model())->model,
                   EstimateTokenCounts(**valid, most), /*estimated=*/true);
}

}  // namespace

absl::StatusOr<pb::EstimateCostResponse> EstimateCost(
    pb::EstimateCostRequest request, const Catalog& catalog,
    const RequestLimits& limits) {
  const bool counts = HasCounts(request);
  if (!request.has_request()) {
    if (counts) return EstimateCounts(request, catalog);
    return InvalidField("request",
                        "is required, unless there are token counts such as "
                        "prompt_tokens instead");
  }
  if (counts || !request.model().empty()) {
    return InvalidField("request",
                        "must not be set together with model or token counts");
  }
  return EstimateRequest(std::move(*request.mutable_request()), catalog,
                         limits);
}

}  // namespace holysheep
