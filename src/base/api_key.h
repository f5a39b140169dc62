#pragma once

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace holysheep {

// In characters. Anything shorter is taken for a typing error or a placeholder.
// Keys of OpenAI-compatible upstreams are longer.
inline constexpr size_t kMinApiKeyLength = 20;

// Returns OK if `key` can be an upstream's API key, whether it came from a
// file, the environment or a call: at least kMinApiKeyLength characters, all
// printable ASCII, no blank or quote at either end, no `Bearer ` before it.
// Otherwise returns INVALID_ARGUMENT with a message that says what is wrong and
// never shows the key. Whether the upstream accepts the key is for a probe to
// find out (upstream/model_probe.h). Pure.
absl::Status CheckApiKey(absl::string_view key);

}  // namespace holysheep
