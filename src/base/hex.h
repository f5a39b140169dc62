#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace holysheep {

// The bytes whose hexadecimal digits, two a byte, of either case, `hex` is;
// none if it is something else. Abseil's function of this kind changes from
// version to version.
std::optional<std::string> BytesOfHex(absl::string_view hex);

}  // namespace holysheep
