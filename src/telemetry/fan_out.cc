#include "telemetry/fan_out.h"

#include <utility>

namespace holysheep {
// The order of the sinks is kept: the ledger has a call before its line is in
// the log.

FanOut::FanOut(std::vector<CallSink*> sinks) : sinks_(std::move(sinks)) {}

void FanOut::Record(const CallRecord& call) {
  for (CallSink* sink : sinks_) sink->Record(call);
}

}  // namespace holysheep
