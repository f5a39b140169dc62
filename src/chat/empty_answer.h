#pragma once

namespace holysheep {

namespace node::v1 {
class InvokeResponse;
}  // namespace node::v1
namespace pb = node::v1;

// An answer that ended normally but says nothing: no text, reasoning, refusal,
// call or part. Its warning marks it. Models fail in this way now and then; the
// retry layer asks again, and the cache does not keep it.
void MarkEmpty(pb::InvokeResponse& response);
// Whether MarkEmpty has marked it.
bool SaysNothing(const pb::InvokeResponse& response);

}  // namespace holysheep
