#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace holysheep {

// Returns the texts in the array `text`, which is part of what CheckJsonObject
// has accepted, without their quotes and escapes; other elements are left out.
// A value that is not an array has none. Pure.
std::vector<std::string> TextsOfChecked(absl::string_view text);

}  // namespace holysheep
