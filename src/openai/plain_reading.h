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

using PlainText = std::vector<PlainChar>;

// What `text` may mean: first as it is, then with one level of escapes undone
// after the other, up to four. Escapes are percent (%41, %u0041), JSON and C
// (\u0041, \u{41}, \U00000041, \x41, \101, \/) and HTML (&#65; &#x41; &amp;).
// What stands for a character beyond ASCII is one byte that is not ASCII. Pure;
// internal to KeyVeil.
// REQUIRES: `text` is shorter than 4 GiB.
std::vector<PlainText> PlainReadings(absl::string_view text);

}  // namespace holysheep
