#pragma once

#include <vector>

#include "chat/call_sink.h"

namespace holysheep {

// Passes every record to several sinks, in order. The sinks must outlive it. As
// thread-safe as they are. It exists so that the layers know a single sink.
class FanOut final : public CallSink {
 public:
  // No pointer is null.
  explicit FanOut(std::vector<CallSink*> sinks);

  void Record(const CallRecord& call) override;
  bool IsKept() const override;
  // REQUIRES: no more than one of the sinks lets anybody wait.
  void WhenKept(Task then) override;
  bool HasRoom() const override;

 private:
  const std::vector<CallSink*> sinks_;
};

}  // namespace holysheep
