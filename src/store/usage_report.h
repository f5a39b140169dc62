#pragma once

#include "absl/status/statusor.h"
#include "store/usage_ledger.h"

namespace holysheep {

namespace node::v1 {
class GetUsageRequest;
class GetUsageResponse;
}  // namespace node::v1

// Returns the rows that match the request, and their total. INVALID_ARGUMENT
// for a text that is not a day. Empty fields of the request match everything;
// days are included at both ends. Linear in the rows of the ledger.
// Thread-safe.
absl::StatusOr<pb::GetUsageResponse> ReportUsage(
    const UsageLedger& ledger, const pb::GetUsageRequest& request);

}  // namespace holysheep
