#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace holysheep {

// The SHA-256 of `data`: 32 bytes, not hex. Thread-safe. Used for cache keys,
// tokens and the ids of batches. Never fails.
std::string Sha256(absl::string_view data);

}  // namespace holysheep
