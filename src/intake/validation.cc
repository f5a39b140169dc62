#include "intake/validation.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "chat/needs.h"
#include "holysheep/node/v1/chat.pb.h"
#include "intake/extra_params.h"
#include "intake/validation_checks.h"
#include "policy/catalog.h"

namespace holysheep {
namespace {

// Filled in rather than left out, so that equal requests have equal keys and
// all upstreams the same defaults. They are promised in chat.proto.
constexpr double kDefaultTemperature = 0.7;
constexpr double kDefaultTopP = 0.95;

// Whether the model, if the catalog has it, can do what is asked.
absl::Status CheckModel(const ValidationContext& context) {
  if (context.model == nullptr) return absl::OkStatus();
  return CheckNeeds(context.request, *context.model, context.catalog);
}

// Cheap and likely refusals first.
constexpr std::array kChecks = {CheckSampling, CheckDelivery, CheckMessages,
                                CheckTools,    CheckFormat,   CheckModel};

void FillSampling(const ModelInfo* model, pb::InvokeRequest& request) {
  if (!request.has_temperature()) request.set_temperature(kDefaultTemperature);
  if (!request.has_top_p()) request.set_top_p(kDefaultTopP);
  if (!request.has_max_tokens()) {
    const bool limited = model != nullptr && model->max_output_tokens > 0;
    request.set_max_tokens(static_cast<int32_t>(
        limited ? std::min(kDefaultMaxTokens, model->max_output_tokens)
                : kDefaultMaxTokens));
  }
}

// Returns the smaller of the requested value and the bound; nothing if neither
// exists.
std::optional<int64_t> BoundedTimeout(std::optional<int64_t> asked_ms,
                                      absl::Duration bound) {
  if (bound == absl::InfiniteDuration()) return asked_ms;
  const int64_t bound_ms =
      std::max<int64_t>(absl::ToInt64Milliseconds(bound), 1);
  return std::min(asked_ms.value_or(bound_ms), bound_ms);
}

// A timeout above its bound is lowered silently: a client's default should not
// make its calls fail.
void FillTimeouts(const RequestLimits& limits, pb::InvokeRequest& request) {
  pb::Timeouts& timeouts = *request.mutable_timeouts();
  const auto asked = [](bool set, int64_t ms) {
    return set ? std::optional<int64_t>(ms) : std::nullopt;
  };
  if (const auto ms = BoundedTimeout(
          asked(timeouts.has_total_ms(), timeouts.total_ms()), limits.total)) {
    timeouts.set_total_ms(*ms);
  }
  if (const auto ms = BoundedTimeout(
          asked(timeouts.has_first_token_ms(), timeouts.first_token_ms()),
          limits.first_token)) {
    timeouts.set_first_token_ms(*ms);
  }
  if (const auto ms = BoundedTimeout(
          asked(timeouts.has_idle_ms(), timeouts.idle_ms()), limits.idle)) {
    timeouts.set_idle_ms(*ms);
  }
  if (const auto ms = BoundedTimeout(
          asked(timeouts.has_queue_ms(), timeouts.queue_ms()), limits.queue)) {
    timeouts.set_queue_ms(*ms);
  }
}

void FillDefaults(const ValidationContext& context,
                  pb::InvokeRequest& request) {
  FillSampling(context.model, request);
  FillTimeouts(context.limits, request);
  if (!request.has_max_attempts()) {
    request.set_max_attempts(context.limits.max_attempts);
  }
  if (request.response_format().type() == pb::ResponseFormat::JSON_SCHEMA &&
      request.response_format().name().empty()) {
    request.mutable_response_format()->set_name("response");
  }
  if (request.request_id().empty()) {
    request.set_request_id(context.limits.new_request_id());
  }
}

}  // namespace

absl::StatusOr<std::shared_ptr<const pb::InvokeRequest>> ValidateRequest(
    pb::InvokeRequest request, const Catalog& catalog,
    const RequestLimits& limits, ChatRequest::SetByCaller* set_by_caller) {
  auto valid = std::make_shared<pb::InvokeRequest>(std::move(request));
  if (absl::Status status = TakeExtraParams(*valid); !status.ok()) {
    return status;
  }
  if (valid->model().empty()) valid->set_model(catalog.default_model());
  const ValidationContext context = {*valid, catalog, limits,
                                     catalog.Find(valid->model())};
  for (const auto check : kChecks) {
    if (absl::Status status = check(context); !status.ok()) return status;
  }
  if (set_by_caller != nullptr) {
    *set_by_caller = {valid->has_temperature(), valid->has_top_p(),
                      valid->has_max_tokens()};
  }
  FillDefaults(context, *valid);
  return valid;
}

}  // namespace holysheep
