#pragma once

#include "absl/status/statusor.h"
#include "store/usage_ledger.h"

namespace holysheep {

namespace node::v1 {
class GetUsageRequest;
class GetUsageResponse;
}  // namespace node::v1

// The rows that the request asks for, and their total. INVALID_ARGUMENT for a
// day that is none.
absl::StatusOr<pb::GetUsageResponse> ReportUsage(
    const UsageLedger& ledger, const pb::GetUsageRequest& request);

}  // namespace holysheep
