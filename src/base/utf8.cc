#include "base/utf8.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace holysheep {
namespace {

struct Character {
  uint32_t code;
  // 0: the text does not begin with a character.
  size_t bytes;
};

constexpr Character kInvalid = {0, 0};

// How long a character is by its first byte; 0 for none that begins so.
size_t LengthByFirstByte(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return 2;
  if (first >= 0xE0 && first < 0xF0) return 3;
  if (first >= 0xF0 && first < 0xF5) return 4;
  return 0;
}

// Overlong forms, halves of surrogate pairs and what Unicode does not reach.
bool IsForbidden(Character c) {
  constexpr std::array<uint32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  return c.code < kSmallest[c.bytes] || c.code > 0x10FFFF ||
         (c.code >= 0xD800 && c.code < 0xE000);
}

// REQUIRES: `text` is not empty.
Character FirstCharacter(absl::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const size_t bytes = LengthByFirstByte(first);
  if (bytes == 1) return {first, 1};
  if (bytes == 0 || bytes > text.size()) return kInvalid;
  uint32_t code = first & (0x7Fu >> bytes);
  for (const char byte : text.substr(1, bytes - 1)) {
    if ((byte & 0xC0) != 0x80) return kInvalid;
    code = code << 6 | (static_cast<unsigned char>(byte) & 0x3Fu);
  }
  const Character character = {code, bytes};
  return IsForbidden(character) ? kInvalid : character;
}

// Unicode's property White_Space.
bool IsSpace(uint32_t code) {
  if (code < 0x80) return code == ' ' || (code >= '\t' && code <= '\r');
  constexpr std::array<uint32_t, 8> kSingles = {0x85,   0xA0,   0x1680, 0x2028,
                                                0x2029, 0x202F, 0x205F, 0x3000};
  return (code >= 0x2000 && code <= 0x200A) ||
         std::find(kSingles.begin(), kSingles.end(), code) != kSingles.end();
}

}  // namespace

std::string BoundedUtf8(absl::string_view text, size_t max_bytes) {
  std::string bounded;
  bounded.reserve(std::min(text.size(), max_bytes));
  while (!text.empty()) {
    const size_t valid = FirstCharacter(text).bytes;
    const size_t bytes = std::max<size_t>(valid, 1);
    if (bounded.size() + bytes > max_bytes) break;
    if (valid == 0) {
      bounded.push_back('?');
    } else {
      bounded.append(text.data(), bytes);
    }
    text.remove_prefix(bytes);
  }
  return bounded;
}

bool IsBlank(absl::string_view text) {
  while (!text.empty()) {
    const Character character = FirstCharacter(text);
    if (character.bytes == 0 || !IsSpace(character.code)) return false;
    text.remove_prefix(character.bytes);
  }
  return true;
}

}  // namespace holysheep
