#pragma once

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace holysheep {

inline constexpr size_t kMinApiKeyLength = 20;

// Whether `key` can be an upstream's API key, wherever it came from: at least
// 20 characters, all printable ASCII, no blank at either end. Otherwise
// INVALID_ARGUMENT, whose message says what is wrong and never shows the key.
absl::Status CheckApiKey(absl::string_view key);

}  // namespace holysheep
