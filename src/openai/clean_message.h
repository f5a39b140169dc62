#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace holysheep {

// Returns words of the upstream as they may be shown: keys hidden, one line of
// valid UTF-8, at most 500 bytes. `key` is the key that was sent. Pure. If
// `key` is empty, only words that look like some key are hidden (`sk-…`, or
// masked by `***`). Reads at most 2,000 bytes of `text`, so that the cost is
// bounded whatever the upstream sends.
std::string CleanMessage(absl::string_view text, absl::string_view key);

}  // namespace holysheep
