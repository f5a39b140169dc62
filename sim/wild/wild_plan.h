#pragma once

#include <optional>
#include <string>

#include "sim/wild/wild_kind.h"
#include "sim/wire.h"

namespace holysheep::sim {

// The parts of a chat request that the answer of a kind depends on.
struct WildRequest {
  bool stream = false;
  // False for an HTTP/1.0 client, which cannot read chunks.
  bool chunked = true;
  // JSON.
  absl::string_view body = {};
  std::string request_id = {};
};

// Returns the response to `request`; nothing if the kind only refuses, and
// does not refuse this one. Pure.
std::optional<Plan> PlanWild(const WildKind& kind, const WildRequest& request);

}  // namespace holysheep::sim
