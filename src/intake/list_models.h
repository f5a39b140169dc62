#pragma once

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace holysheep {

class Catalog;
namespace node::v1 {
class ListModelsResponse;
}  // namespace node::v1
namespace pb = node::v1;

// Returns why a model cannot be used now, such as an open circuit; empty if it
// can.
using WhyUnavailable = absl::FunctionRef<std::string(absl::string_view model)>;

// Returns the catalog as callers see it, in its order.
pb::ListModelsResponse ListModels(const Catalog& catalog,
                                  WhyUnavailable why_unavailable);

}  // namespace holysheep
