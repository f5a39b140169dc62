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

// One line of the configuration's routing table: the model for requests that
// meet all conditions.
struct RoutingRule {
  // Estimated; both bounds are included.
  int64_t min_prompt_tokens = 0;
  int64_t max_prompt_tokens = std::numeric_limits<int64_t>::max();
  // A tag that the request must have; empty for any request.
  std::string tag;
  // A capability that the request must need.
  std::optional<Capability> capability;
  // An id of the catalog.
  std::string model;
};

// The properties of a request that a model must meet. Collected by
// intake/routing.cc.
struct RoutingNeeds {
  // An estimate, see token_estimate.h.
  int64_t prompt_tokens = 0;
  // The longest answer, in tokens.
  int64_t max_tokens = 0;
  // Whether a model with a smaller output limit is acceptable.
  bool may_be_shorter = false;
  // A bit set, as in ModelInfo.
  uint32_t capabilities = 0;
  // The caller's own words, for the rules.
  std::vector<std::string> tags = {};
};

// The model, and how it was found.
struct RoutingChoice {
  ModelInfo model;
  // In words for the caller, such as `by routing.rules[0] (any request)`.
  std::string why;
};

// Chooses the model of the first rule that applies and whose model can take the
// request, otherwise the cheapest model of the catalog that can; of equals the
// first. Returns INVALID_ARGUMENT on `model` if none can. A model whose size is
// unknown has room for everything. Pure. Cheapest by the price of this prompt
// and the longest answer.
absl::StatusOr<RoutingChoice> ChooseModel(const Catalog& catalog,
                                          absl::Span<const RoutingRule> rules,
                                          const RoutingNeeds& needs);

}  // namespace holysheep
