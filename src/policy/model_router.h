#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "policy/catalog.h"

namespace holysheep {

// The model id that leaves the choice to the service, unless the catalog has a
// model of that name.
inline constexpr absl::string_view kAutoModel = "auto";

// Which model takes the requests for which all of this holds.
struct RoutingRule {
  int64_t min_prompt_tokens = 0;
  int64_t max_prompt_tokens = std::numeric_limits<int64_t>::max();
  // One of the request's tags; empty is any or none.
  std::string tag;
  // One that the request needs.
  std::optional<Capability> capability;
  std::string model;
};

// What a request needs of a model.
struct RoutingNeeds {
  // An estimate.
  int64_t prompt_tokens = 0;
  // The longest answer.
  int64_t max_tokens = 0;
  // Whether a model may do that cannot write as much.
  bool may_be_shorter = false;
  // As in ModelInfo.
  uint32_t capabilities = 0;
  std::vector<std::string> tags = {};
};

struct RoutingChoice {
  ModelInfo model;
  // In words, for the caller.
  std::string why;
};

// The model of the first rule that holds and whose model can take the request,
// or else the cheapest model of the catalog that can; of several the first.
// The error is INVALID_ARGUMENT on `model` if none can. A model whose size is
// not known has room for everything.
absl::StatusOr<RoutingChoice> ChooseModel(const Catalog& catalog,
                                          absl::Span<const RoutingRule> rules,
                                          const RoutingNeeds& needs);

}  // namespace holysheep
