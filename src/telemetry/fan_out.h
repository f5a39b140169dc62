#pragma once

#include <vector>

#include "chat/call_sink.h"

namespace holysheep {

// Tells several who want to hear of every call, in their order. They must
// outlive it.
class FanOut final : public CallSink {
 public:
  explicit FanOut(std::vector<CallSink*> sinks);

  void Record(const CallRecord& call) override;

 private:
  const std::vector<CallSink*> sinks_;
};

}  // namespace holysheep
