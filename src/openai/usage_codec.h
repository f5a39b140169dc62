#pragma once

#include <optional>

#include "json/json_dom.h"
#include "policy/usage_check.h"

namespace holysheep {

namespace node::v1 {
class InvokeResponse;
}  // namespace node::v1
namespace pb = node::v1;

// Reads the token counts of a `usage` object under any of the names that
// upstreams have for them: those of chat completions, the Responses API,
// DeepSeek, Anthropic and gateways in between. Of several names of one count
// the largest number holds, since gateways fill the names of others with zeros.
// Returns nothing if it counts neither prompt nor answer nor both together.
// Pure, as all functions here.
std::optional<ReportedUsage> DecodeUsage(const JsonValue& usage);

// Writes what is believed of `reported` into `response`, with a warning if
// something is not.
void WriteUsage(const ReportedUsage& reported, const UsageBounds& bounds,
                const AnswerMeasures& answer, pb::InvokeResponse& response);

}  // namespace holysheep
