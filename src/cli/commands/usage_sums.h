#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "holysheep/node/v1/node.pb.h"

namespace holysheep::cli {

namespace pb = node::v1;

// The words for the ways in which usage can be summed up.
inline constexpr const char* kUsageDimensions[] = {"day", "model", "caller",
                                                   "app"};

// The sums of the rows that have the same day, model, caller or app, as `by`
// says, in the order of their names; the other three are left out. The total
// stays as it is. Exact. INTERNAL for a cost that is not an amount. REQUIRES:
// `by` is one of kUsageDimensions.
absl::StatusOr<pb::GetUsageResponse> SumUsage(const pb::GetUsageResponse& usage,
                                              const std::string& by);

}  // namespace holysheep::cli
