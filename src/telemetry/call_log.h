#pragma once

#include <atomic>

#include "chat/call_sink.h"
#include "telemetry/logger.h"

namespace holysheep {

// Writes one line a call: who asked for what, what became of it, how long it
// took and what it cost. docs/reference.md lists the fields. No prompt and no
// answer, unless asked for by name. Thread-safe.
class CallLog final : public CallSink {
 public:
  CallLog(Logger& logger, bool prompts) : logger_(logger), prompts_(prompts) {}

  void SetPrompts(bool prompts) { prompts_ = prompts; }

  void Record(const CallRecord& call) override;

 private:
  Logger& logger_;
  std::atomic<bool> prompts_;
};

}  // namespace holysheep
