#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"

namespace holysheep::cli {

// The columns that `text`, which is UTF-8 in one line, occupies on a terminal:
// two for each character of East Asian width (Chinese, Japanese, Korean, full
// width forms) and for each emoji, none for combining marks and characters that
// only join or select others, one for all else. A sequence that shows one emoji
// (joined, with a skin tone, a flag) counts as one. Bytes that are not UTF-8
// count one each. Pure; independent of the locale.
size_t Width(absl::string_view text);

}  // namespace holysheep::cli
