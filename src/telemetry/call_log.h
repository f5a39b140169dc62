#pragma once

#include <atomic>

#include "chat/call_sink.h"
#include "telemetry/logger.h"

namespace holysheep {

// Writes one line per call: who asked for what, the outcome, the time and the
// cost. docs/reference.md lists the fields. A prompt or an answer is written
// only if `prompts` is set. Thread-safe. Called on the loop, and on gRPC's
// threads for answers from the cache.
class CallLog final : public CallSink {
 public:
  // `logger` must outlive the log.
  CallLog(Logger& logger, bool prompts) : logger_(logger), prompts_(prompts) {}

  // Applies to the calls that end from now on.
  void SetPrompts(bool prompts) { prompts_ = prompts; }

  // The line has the level info. Messages of errors are left out without
  // `prompts`, because they may quote the upstream, and that the prompt.
  void Record(const CallRecord& call) override;

 private:
  Logger& logger_;
  std::atomic<bool> prompts_;
};

}  // namespace holysheep
