#pragma once

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"

namespace holysheep {

// One byte of the meaning of a text, and the bytes of the text that express it.
// `begin` and `end` are positions in the original text, so that what is found
// in a meaning can be hidden where it is written.
struct PlainChar {
  unsigned char byte = 0;
  uint32_t begin = 0;
  uint32_t end = 0;
};

// Twelve bytes for each byte of text: KeyVeil therefore reads long texts in
// pieces.
using PlainText = std::vector<PlainChar>;

// Returns the possible meanings of `text`: first as it is, then with one level
// of escapes undone after the other, up to four. Escapes are percent (%41,
// %u0041), JSON and C (\u0041, \u{41}, \U00000041, \x41, \101, \/) and HTML
// (&#65; &#x41; &amp;). An escaped character beyond ASCII becomes one byte that
// is not ASCII. REQUIRES: `text` is shorter than 4 GiB. Pure; internal to
// KeyVeil.
std::vector<PlainText> PlainReadings(absl::string_view text);

}  // namespace holysheep
