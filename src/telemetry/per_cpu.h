#pragma once

#include <sched.h>

#include <array>
#include <cstddef>
#include <mutex>

namespace holysheep {

// One `T` per processor, so that threads that run at the same time neither wait
// for each other nor exchange cache lines. The values carry no meaning by
// themselves: only their sum counts. With more than kMost processors some share
// one. Thread-safe. `T` must be default-constructible. Constant time, and a
// lock that is hardly ever contended.
template <typename T>
class PerCpu {
 public:
  // Each slot costs the memory of a `T`.
  static constexpr size_t kMost = 16;

  // Calls `use` with the value of the current processor. The thread may move
  // meanwhile, so the value is locked. `use` must be short, and must not call
  // this object.
  template <typename Use>
  void WithOwn(Use use) {
    // If the number is unknown it is -1, which selects a slot like any other.
    Slot& slot = slots_[static_cast<size_t>(sched_getcpu()) % kMost];
    const std::lock_guard lock(slot.mutex);
    use(slot.value);
  }

  // Calls `use` with each value, one after the other.
  template <typename Use>
  void WithEach(Use use) {
    for (Slot& slot : slots_) {
      const std::lock_guard lock(slot.mutex);
      use(slot.value);
    }
  }

 private:
  // In bytes, of x86 and most ARM processors.
  static constexpr size_t kCacheLine = 64;
  struct alignas(kCacheLine) Slot {
    std::mutex mutex;
    T value;
  };

  std::array<Slot, kMost> slots_;
};

}  // namespace holysheep
