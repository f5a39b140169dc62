#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

// The members of an OpenAI-compatible request that are fields of InvokeRequest.
// Internal to TakeExtraParams.
namespace holysheep {

namespace node::v1 {
class InvokeRequest;
}  // namespace node::v1
namespace pb = node::v1;

// Sets the field of a member whose valid JSON value is `json`. Returns
// INVALID_ARGUMENT, without a field path, if the field is set already or cannot
// hold the value. A JSON null leaves the field unset, and is accepted by all of
// them.
using TakeMember = absl::Status (*)(absl::string_view json,
                                    pb::InvokeRequest& request);

// Returns the function for the member with this folded name; null if it has no
// field. See FoldedName (json/json.h).
TakeMember FieldOfMember(absl::string_view folded_name);

// The functions for members that are or may be objects.
absl::Status TakeToolChoice(absl::string_view json, pb::InvokeRequest& request);
absl::Status TakeResponseFormat(absl::string_view json,
                                pb::InvokeRequest& request);
absl::Status TakeEffort(absl::string_view json, pb::InvokeRequest& request);
absl::Status TakeThinking(absl::string_view json, pb::InvokeRequest& request);
absl::Status TakeReasoning(absl::string_view json, pb::InvokeRequest& request);

}  // namespace holysheep
