#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace holysheep {

// Returns the visible text of an HTML or XML page in one line: without tags,
// comments, scripts and styles. Reads at most the first 16 KiB. Pure.
std::string PageText(absl::string_view page);

// Whether `body` is an HTML or XML page.
bool IsPage(absl::string_view body);

}  // namespace holysheep
