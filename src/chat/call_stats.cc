#include "chat/call_stats.h"

namespace holysheep {
// Two counters without a common lock: a reader may see a failed call in one of
// them first, which does no harm to sums.

void CallStats::Record(const CallRecord& call) {
  ++calls_;
  if (!call.status.ok()) ++errors_;
}

CallStats::Counts CallStats::Read() const { return {calls_, errors_}; }

}  // namespace holysheep
