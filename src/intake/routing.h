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

// Puts a model in the place of `auto`, and returns why it is that one; nothing
// if the request names its model. Takes extra_params_json apart to choose, as
// TakeExtraParams does; the request may still break any other rule. Errors as
// of TakeExtraParams and ChooseModel.
absl::StatusOr<std::string> RouteModel(const Catalog& catalog,
                                       const std::vector<RoutingRule>& rules,
                                       pb::InvokeRequest& request);

}  // namespace holysheep
