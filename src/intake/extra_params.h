#pragma once

#include "absl/status/status.h"

namespace holysheep {

namespace node::v1 {
class InvokeRequest;
}  // namespace node::v1
namespace pb = node::v1;

// Moves the members of `extra_params_json` that have a field of their own into
// that field, and leaves the others unchanged. Nothing that is checked,
// reserved, priced or part of the cache key can therefore bypass these steps.
// Names are compared as readers do that ignore case.
//
// Returns INVALID_ARGUMENT naming extra_params_json if it is not a JSON object,
// sets something that the service decides, sets a field that is set already,
// contains duplicates, or holds a value that the field cannot have.
// Thread-safe. An empty text is left as it is. After an error `request` may be
// changed in part and must be dropped. Calling it again does nothing.
absl::Status TakeExtraParams(pb::InvokeRequest& request);

}  // namespace holysheep
