#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chat/chat_request.h"
#include "policy/model_router.h"

namespace holysheep {

// Bounds and defaults of requests, from the configuration. Part of
// IntakeSettings, so a reload replaces it.
struct RequestLimits {
  // The upper bound and default of the field with the same name.
  int max_attempts = 3;
  // The upper bounds and defaults of `timeouts`; an infinite one is neither a
  // bound nor a default.
  absl::Duration total = absl::Seconds(300);
  absl::Duration first_token = absl::Seconds(60);
  absl::Duration idle = absl::Seconds(60);
  // How long a call may wait for the limits.
  absl::Duration queue = absl::Seconds(60);
  // The most items of one InvokeBatch that are open at once.
  int64_t batch_in_flight = 64;
  // How long the items of one wait out an outage.
  absl::Duration batch_patience = absl::Minutes(10);
  // The rules for `model: "auto"`.
  std::vector<RoutingRule> routing;
  // Makes the id of a request without one. Thread-safe.
  std::function<std::string()> new_request_id;
};

// The default of `max_tokens`, unless the model's output limit is lower. In
// tokens; routing assumes it, too.
inline constexpr int64_t kDefaultMaxTokens = 2048;

// Returns the request with all defaults and with the members of
// extra_params_json in their fields (see TakeExtraParams), if it meets every
// rule written in chat.proto. Otherwise INVALID_ARGUMENT with the path of the
// first field that does not, what is allowed and what was given. A timeout
// above its bound is lowered to the bound. A model outside the catalog is
// allowed; one of the catalog must have what the request needs (see
// CheckNeeds). `set_by_caller`, if not null, receives which values were set
// before the defaults were filled in. Thread-safe.
absl::StatusOr<std::shared_ptr<const pb::InvokeRequest>> ValidateRequest(
    pb::InvokeRequest request, const Catalog& catalog,
    const RequestLimits& limits,
    ChatRequest::SetByCaller* set_by_caller = nullptr);

}  // namespace holysheep
