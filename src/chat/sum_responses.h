#pragma once

namespace holysheep {

namespace node::v1 {
class InvokeResponse;
}  // namespace node::v1
namespace pb = node::v1;

// Adds the usage of `earlier` (tokens, cost, attempts, time in the queue) to
// `response`, where both contributed to one answer.
void AddUseOf(const pb::InvokeResponse& earlier, pb::InvokeResponse& response);

}  // namespace holysheep
