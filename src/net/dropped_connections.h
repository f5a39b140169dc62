#pragma once

#include <atomic>
#include <cstdint>

namespace holysheep {

// Counts the connections that the listener has ended, by cause. Thread-safe.
// Written by the listener, read for /metrics.
struct DroppedConnections {
  // The number of connections had reached its bound, and nobody had to make
  // room.
  std::atomic<int64_t> no_room = 0;
  // They had to make room for others.
  std::atomic<int64_t> crowded_out = 0;
  // The client sent far more than was answered.
  std::atomic<int64_t> flood = 0;
};

}  // namespace holysheep
