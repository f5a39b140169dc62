#pragma once

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "store/usage_ledger.h"

namespace holysheep {

namespace node::v1 {
class GetUsageRequest;
class GetUsageResponse;
}  // namespace node::v1

// What people call the app with this id; empty if nothing.
using AppNames = absl::FunctionRef<absl::string_view(absl::string_view id)>;

// Returns a page of the rows that match the request, and the total of all that
// do. INVALID_ARGUMENT for a text that is not a day, a negative page_size, and
// a page_token that no answer to this request had. Empty fields of the request
// match everything; days are included at both ends. A page is at most 3 MiB. A
// row that is added between two pages is on the later one if its place in the
// order is there. Linear in the rows of the ledger. Thread-safe.
absl::StatusOr<pb::GetUsageResponse> ReportUsage(
    const UsageLedger& ledger, const pb::GetUsageRequest& request,
    AppNames name_of);

}  // namespace holysheep
