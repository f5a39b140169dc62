#pragma once

#include <atomic>
#include <cstdint>

#include "chat/call_sink.h"

namespace holysheep {

// Counts the calls that have ended, and those of them that failed. Thread-safe.
class CallStats final : public CallSink {
 public:
  struct Counts {
    int64_t calls = 0;
    int64_t errors = 0;
  };

  // A call that its caller has cancelled counts as failed.
  void Record(const CallRecord& call) override;
  // Since the start.
  Counts Read() const;

 private:
  using Counter = std::atomic<int64_t>;

  Counter calls_ = 0;
  Counter errors_ = 0;
};

}  // namespace holysheep
