#include "base/hex.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace holysheep {
namespace {

// REQUIRES: `digit` is a hexadecimal digit. The value of one digit, 0 to 15.
int ValueOf(char digit) {
  return absl::ascii_isdigit(digit) ? digit - '0'
                                    : absl::ascii_tolower(digit) - 'a' + 10;
}

}  // namespace

std::optional<std::string> BytesOfHex(absl::string_view hex) {
  if (hex.size() % 2 != 0 ||
      !std::all_of(hex.begin(), hex.end(), absl::ascii_isxdigit)) {
    return std::nullopt;
  }
  std::string bytes;
  bytes.reserve(hex.size() / 2);
  for (size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(ValueOf(hex[i]) * 16 + ValueOf(hex[i + 1]));
  }
  return bytes;
}

}  // namespace holysheep
