#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace holysheep {

// What a page of HTML or XML shows to people, in one line: its text without
// tags, comments, scripts and styles. Reads at most the first 16 KiB. Pure.
std::string PageText(absl::string_view page);

// Whether `body` is such a page.
bool IsPage(absl::string_view body);

}  // namespace holysheep
