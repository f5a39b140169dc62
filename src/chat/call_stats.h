#pragma once

#include <atomic>
#include <cstdint>

#include "chat/metering.h"

namespace holysheep {

// Counts ended calls by what became of them. Thread-safe.
class CallStats final : public CallSink {
 public:
  struct Counts {
    int64_t calls = 0;
    int64_t errors = 0;
    int64_t hits = 0;
    int64_t misses = 0;
    int64_t joins = 0;
    int64_t stale = 0;
  };

  void Record(const CallRecord& call) override;
  Counts Read() const;

 private:
  using Counter = std::atomic<int64_t>;

  Counter calls_ = 0;
  Counter errors_ = 0;
  Counter hits_ = 0;
  Counter misses_ = 0;
  Counter joins_ = 0;
  Counter stale_ = 0;
};

}  // namespace holysheep
