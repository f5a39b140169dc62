#pragma once

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"

namespace holysheep {

// One byte of what a text means, and the bytes of it that say so.
struct PlainChar {
  unsigned char byte = 0;
  uint32_t begin = 0;
  uint32_t end = 0;
};

// What `text` means once its escapes are undone: percent (%41), JSON and C
// (\u0041, \x41, \/) and HTML (&#65; &#x41;), also up to four deep. What stands
// for a character beyond ASCII is one byte that is not ASCII. Pure; internal to
// KeyVeil.
// REQUIRES: `text` is shorter than 4 GiB.
std::vector<PlainChar> ReadPlainly(absl::string_view text);

}  // namespace holysheep
