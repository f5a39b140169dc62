#include "telemetry/fan_out.h"

#include <utility>

namespace holysheep {

FanOut::FanOut(std::vector<CallSink*> sinks) : sinks_(std::move(sinks)) {}

void FanOut::Record(const CallRecord& call) {
  for (CallSink* sink : sinks_) sink->Record(call);
}

}  // namespace holysheep
