#pragma once

namespace holysheep {

namespace node::v1 {
class InvokeResponse;
}  // namespace node::v1
namespace pb = node::v1;

// An answer that ended well but says nothing: neither text, reasoning and
// refusal nor a call or a part. Its warning is its mark.
void MarkEmpty(pb::InvokeResponse& response);
bool SaysNothing(const pb::InvokeResponse& response);

}  // namespace holysheep
