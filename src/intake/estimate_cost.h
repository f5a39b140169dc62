#pragma once

#include "absl/status/statusor.h"
#include "intake/validation.h"

namespace holysheep {

namespace node::v1 {
class EstimateCostRequest;
class EstimateCostResponse;
}  // namespace node::v1

// Returns the price of token counts, or of a whole request: its prompt by
// EstimatePromptTokens, its answer as long as `max_tokens` allows, nothing
// cached or written to the upstream's cache. A count is 0 to kMostTokens.
// INVALID_ARGUMENT unless exactly one of the two is given, and for an
// invalid field in either. Thread-safe. Errors inside a whole request name
// their field as `request.FIELD`. Nothing is sent to the upstream, and no limit
// is touched.
absl::StatusOr<pb::EstimateCostResponse> EstimateCost(
    pb::EstimateCostRequest request, const Catalog& catalog,
    const RequestLimits& limits);

}  // namespace holysheep
