#pragma once

#include <sched.h>

#include <array>
#include <cstddef>
#include <mutex>

namespace holysheep {

// A `T` for each processor, so that threads which run at the same time neither
// wait for each other nor pull the same cache lines to and fro. Which one a
// thread gets means nothing, and where there are more than kMost processors
// some share one. Thread-safe.
template <typename T>
class PerCpu {
 public:
  static constexpr size_t kMost = 16;

  // Calls `use` with the T of this processor.
  template <typename Use>
  void WithOwn(Use use) {
    // No number is a huge one here, and as good as any.
    Slot& slot = slots_[static_cast<size_t>(sched_getcpu()) % kMost];
    const std::lock_guard lock(slot.mutex);
    use(slot.value);
  }

  // Calls `use` with each of them, one after the other.
  template <typename Use>
  void WithEach(Use use) {
    for (Slot& slot : slots_) {
      const std::lock_guard lock(slot.mutex);
      use(slot.value);
    }
  }

 private:
  static constexpr size_t kCacheLine = 64;
  struct alignas(kCacheLine) Slot {
    std::mutex mutex;
    T value;
  };

  std::array<Slot, kMost> slots_;
};

}  // namespace holysheep
