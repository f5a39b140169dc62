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
// can. Called once for each model.
using WhyUnavailable = absl::FunctionRef<std::string(absl::string_view model)>;

// Returns the catalog as callers see it, in its order. Prices are exact
// decimals in US dollars per million tokens. Pure but for `why_unavailable`.
pb::ListModelsResponse ListModels(const Catalog& catalog,
                                  WhyUnavailable why_unavailable);

}  // namespace holysheep
