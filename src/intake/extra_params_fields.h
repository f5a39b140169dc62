#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

// Members of an OpenAI-compatible request as fields of InvokeRequest. Internal
// to TakeExtraParams.
namespace holysheep {

namespace node::v1 {
class InvokeRequest;
}  // namespace node::v1
namespace pb = node::v1;

// Sets the field that `json`, the valid value of a member, belongs to.
// INVALID_ARGUMENT, without a field path, if the field is set or cannot hold
// the value.
using TakeMember = absl::Status (*)(absl::string_view json,
                                    pb::InvokeRequest& request);

// Who takes the member with this folded name; null if it has no field.
TakeMember FieldOfMember(absl::string_view folded_name);

// Some of them: those that are or may be objects.
absl::Status TakeToolChoice(absl::string_view json, pb::InvokeRequest& request);
absl::Status TakeResponseFormat(absl::string_view json,
                                pb::InvokeRequest& request);
absl::Status TakeEffort(absl::string_view json, pb::InvokeRequest& request);
absl::Status TakeThinking(absl::string_view json, pb::InvokeRequest& request);
absl::Status TakeReasoning(absl::string_view json, pb::InvokeRequest& request);

}  // namespace holysheep
