#pragma once

namespace holysheep {

namespace node::v1 {
class Usage;
class UsageTotals;
}  // namespace node::v1
namespace pb = node::v1;

// Adds the counts of one answer to a sum, which is an estimate if one of them
// is. A count that would overflow stays at its largest value.
void AddUsage(const pb::Usage& more, pb::UsageTotals& sum);

// The same where two answers make one. No count of a call comes near the
// largest value, see kMostTokens.
void AddUsage(const pb::Usage& more, pb::Usage& sum);

}  // namespace holysheep
