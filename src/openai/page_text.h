#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace holysheep {

// Returns the visible text of an HTML or XML page in one line: without tags,
// comments, scripts and styles. Reads at most the first 16 KiB. Pure. Proxies
// and firewalls answer with pages; the text tells an operator which one it was.
// Entities such as `&amp;` stay as they are.
std::string PageText(absl::string_view page);

// Whether `body` is an HTML or XML page. Looks at the first byte that is not a
// blank only.
bool IsPage(absl::string_view body);

}  // namespace holysheep
