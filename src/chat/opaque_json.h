#pragma once

#include <vector>

#include "absl/strings/string_view.h"
#include "json/json.h"

namespace holysheep {

// The member of an opaque_json that lists the names of those members of it that
// are for the caller only and are not sent back to an upstream.
inline constexpr absl::string_view kForCallerOnly = "for_caller_only";

// Returns the members of Message.opaque_json that are sent to the upstream: all
// but those that it lists as kForCallerOnly, and that list. REQUIRES:
// CheckJsonObject has accepted `opaque_json`, or it is empty. `opaque_json`
// must outlive the result. Pure.
std::vector<JsonMember> MembersSentBack(absl::string_view opaque_json);

}  // namespace holysheep
