#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

// Texts that were entered before, in a file of one line each. Files that cannot
// be read or written are ignored.
namespace holysheep::cli {

inline constexpr size_t kMaxHistoryLines = 1000;

// The texts in the file, oldest first.
std::vector<std::string> ReadHistory(const std::string& path);

// Adds `text` as the last line, unless it is that already; the oldest lines
// make room. Afterwards only its owner may read the file (mode 0600). Folders
// that are missing are made. Texts of more than 4 KiB are not kept.
void AddToHistory(const std::string& path, absl::string_view text);

}  // namespace holysheep::cli
