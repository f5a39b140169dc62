#include "telemetry/fan_out.h"

#include <algorithm>
#include <utility>

namespace holysheep {
// The order of the sinks is kept: the ledger has a call before its line is in
// the log.

FanOut::FanOut(std::vector<CallSink*> sinks) : sinks_(std::move(sinks)) {}

void FanOut::Record(const CallRecord& call) {
  for (CallSink* sink : sinks_) sink->Record(call);
}

bool FanOut::IsKept() const {
  return std::all_of(sinks_.begin(), sinks_.end(),
                     [](const CallSink* sink) { return sink->IsKept(); });
}

void FanOut::WhenKept(Task then) {
  for (CallSink* sink : sinks_) {
    if (!sink->IsKept()) return sink->WhenKept(std::move(then));
  }
  then();
}

bool FanOut::HasRoom() const {
  return std::all_of(sinks_.begin(), sinks_.end(),
                     [](const CallSink* sink) { return sink->HasRoom(); });
}

}  // namespace holysheep
