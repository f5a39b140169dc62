#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "policy/model_router.h"

namespace holysheep {

class Catalog;
namespace node::v1 {
class InvokeRequest;
}  // namespace node::v1
namespace pb = node::v1;

// What the configuration says about requests.
struct RequestLimits {
  // Upper bound and default of the field of the same name.
  int max_attempts = 3;
  // Upper bounds and defaults of `timeouts`; infinite is no bound, and no
  // default either.
  absl::Duration total = absl::Seconds(300);
  absl::Duration first_token = absl::Seconds(60);
  absl::Duration idle = absl::Seconds(60);
  absl::Duration queue = absl::Seconds(60);
  // Items of one InvokeBatch that are open at once.
  int64_t batch_in_flight = 64;
  // For `model: "auto"`.
  std::vector<RoutingRule> routing;
  // Makes a request's id where the caller gave none. Thread-safe.
  std::function<std::string()> new_request_id;
};

// The default of `max_tokens`, as far as the model can write as much.
inline constexpr int64_t kDefaultMaxTokens = 2048;

// The request with every default filled in and the members of extra_params_json
// in their fields (see TakeExtraParams), if it keeps every rule written in
// chat.proto; otherwise an INVALID_ARGUMENT with the path of the first field
// that breaks one, which says what is allowed and what was given. A timeout
// over its bound becomes the bound. A model outside the catalog is allowed,
// and nothing is refused for what it may not be capable of. Thread-safe.
absl::StatusOr<std::shared_ptr<const pb::InvokeRequest>> ValidateRequest(
    pb::InvokeRequest request, const Catalog& catalog,
    const RequestLimits& limits);

}  // namespace holysheep
