#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace holysheep {

// Decodes `hex`: two hexadecimal digits a byte, upper or lower case. Returns
// nothing if `hex` holds anything else or an odd number of digits. Written here
// because Abseil's function of this kind differs from version to version. An
// empty text gives an empty result. Pure.
std::optional<std::string> BytesOfHex(absl::string_view hex);

}  // namespace holysheep
