#pragma once

#include <atomic>
#include <cstdint>

namespace holysheep {

// Connections that the listener has ended so far, by why. Thread-safe.
struct DroppedConnections {
  // There were as many as there may be.
  std::atomic<int64_t> no_room = 0;
  // The client sent much more than was answered.
  std::atomic<int64_t> flood = 0;
};

}  // namespace holysheep
