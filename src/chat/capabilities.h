#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "policy/catalog.h"

namespace holysheep {

namespace node::v1 {
class InvokeRequest;
}  // namespace node::v1
namespace pb = node::v1;

// OK if `model` can take all of `request` that cannot be adapted: media, tools
// and a conversation with tool calls. Otherwise INVALID_ARGUMENT with the
// field at fault and the models of `catalog` that can. What can be adapted
// (response format, reasoning, parallel tool calls) passes; see EncodeRequest.
absl::Status CheckCapabilities(const pb::InvokeRequest& request,
                               const ModelInfo& model, const Catalog& catalog);

}  // namespace holysheep
