#pragma once

#include <cstdint>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "policy/catalog.h"

namespace holysheep {

namespace node::v1 {
class InvokeRequest;
}  // namespace node::v1
namespace pb = node::v1;

// A capability that a request needs of a model. `field` is static.
struct Need {
  Capability capability;
  // The field that causes the need, and the indexes of the message and part
  // with that field, or -1.
  absl::string_view field;
  int message = -1;
  int part = -1;
  // A model without the capability is asked in another way: see EncodeRequest.
  // If false, the request is refused.
  bool adaptable = false;

  // Such as `messages[2].parts[0].image`. The path of the field at fault.
  std::string Path() const;
};
using Needs = absl::InlinedVector<Need, 2>;

// Returns the needs of `request`, each capability once, with the first field
// that causes it. Pure.
Needs NeedsOf(const pb::InvokeRequest& request);

// Returns the needed capabilities as a bit set, as in ModelInfo::capabilities.
// Adaptable needs included: a model that has them is preferred.
uint32_t CapabilitiesOf(const Needs& needs);

// Returns OK if `model` has all needs of `request` that are not adaptable:
// media, tools and a conversation with tool calls. Otherwise INVALID_ARGUMENT
// with the field at fault and the models of `catalog` that have the capability.
absl::Status CheckNeeds(const pb::InvokeRequest& request,
                        const ModelInfo& model, const Catalog& catalog);

}  // namespace holysheep
