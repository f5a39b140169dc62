#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "policy/catalog.h"
#include "policy/model_router.h"

namespace holysheep {

namespace node::v1 {
class InvokeRequest;
}  // namespace node::v1
namespace pb = node::v1;

// Replaces the model `auto` by a real one and returns why it was chosen;
// returns nothing if the request names its model. Also moves extra_params_json
// into fields, as TakeExtraParams does; the request may still be invalid
// otherwise. Errors are those of TakeExtraParams and ChooseModel. A catalog
// with a model of the name `auto` turns the choice off. Called before
// validation, which needs the real model. Thread-safe.
absl::StatusOr<std::string> RouteModel(const Catalog& catalog,
                                       const std::vector<RoutingRule>& rules,
                                       pb::InvokeRequest& request);

}  // namespace holysheep
