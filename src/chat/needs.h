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

// Something that a request needs of a model.
struct Need {
  Capability capability;
  // Where the request asks for it: a field, and the message and the part of
  // it that hold the field, or -1.
  absl::string_view field;
  int message = -1;
  int part = -1;
  // A model that cannot do it is asked all the same, in another way: see
  // EncodeRequest. Otherwise the request is refused.
  bool adaptable = false;

  // Such as `messages[2].parts[0].image`.
  std::string Path() const;
};
using Needs = absl::InlinedVector<Need, 2>;

// What `request` needs, each capability once, with the first field that asks
// for it. Pure.
Needs NeedsOf(const pb::InvokeRequest& request);

// The capabilities that `request` needs, as bits as in
// ModelInfo::capabilities.
uint32_t CapabilitiesOf(const Needs& needs);

// OK if `model` has all that `request` needs and that is not adaptable: media,
// tools and a conversation with tool calls. Otherwise INVALID_ARGUMENT with the
// field at fault and the models of `catalog` that have it.
absl::Status CheckNeeds(const pb::InvokeRequest& request,
                        const ModelInfo& model, const Catalog& catalog);

}  // namespace holysheep
