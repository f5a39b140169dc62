#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace holysheep {

// Words of the upstream's as they may be shown: keys blanked, one line of
// valid UTF-8, at most 500 bytes. `key` is the key that was sent.
std::string CleanMessage(absl::string_view text, absl::string_view key);

}  // namespace holysheep
