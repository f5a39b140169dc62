#pragma once

#include "absl/status/status.h"

namespace holysheep {

namespace node::v1 {
class InvokeRequest;
}  // namespace node::v1
namespace pb = node::v1;

// Moves the members of `extra_params_json` that have a field of their own into
// that field, and leaves the others as they were written; so nothing that is
// checked, reserved, priced or part of the cache key can come in by another
// way. Names are compared as readers do that do not tell upper from lower case.
//
// INVALID_ARGUMENT naming extra_params_json if it is no JSON object, names what
// the service decides about, sets what its field sets as well, names anything
// twice, or gives a member a value that its field cannot hold. Thread-safe.
absl::Status TakeExtraParams(pb::InvokeRequest& request);

}  // namespace holysheep
