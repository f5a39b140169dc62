#pragma once

#include <cstdint>

namespace holysheep {

// What waits of the one goes before all that waits of the other: calls that
// somebody waits for, and the items of batches.
enum class Priority : uint8_t { kInteractive, kBatch };

}  // namespace holysheep
