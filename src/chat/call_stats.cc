#include "chat/call_stats.h"

namespace holysheep {

void CallStats::Record(const CallRecord& call) {
  ++calls_;
  if (!call.status.ok()) ++errors_;
}

CallStats::Counts CallStats::Read() const { return {calls_, errors_}; }

}  // namespace holysheep
