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

// The length of a character with this first byte; 0 if no character begins with
// it.
size_t LengthByFirstByte(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return 2;
  if (first >= 0xE0 && first < 0xF0) return 3;
  if (first >= 0xF0 && first < 0xF5) return 4;
  return 0;
}

// True for overlong forms, halves of surrogate pairs and codes beyond Unicode's
// range.
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

constexpr absl::string_view kReplacement = "\xEF\xBF\xBD";

// One half of a surrogate pair, written in three bytes.
constexpr size_t kHalfBytes = 3;
bool IsHalf(absl::string_view text, unsigned char smallest) {
  if (text.size() < kHalfBytes || text[0] != '\xED') return false;
  const auto second = static_cast<unsigned char>(text[1]);
  return second >= smallest && second < smallest + 0x10 &&
         (text[2] & 0xC0) == 0x80;
}
bool IsHighHalf(absl::string_view text) { return IsHalf(text, 0xA0); }
bool IsLowHalf(absl::string_view text) { return IsHalf(text, 0xB0); }

// The ten bits that a half stands for.
uint32_t BitsOf(absl::string_view half) {
  return (static_cast<unsigned char>(half[1]) & 0x0Fu) << 6 |
         (static_cast<unsigned char>(half[2]) & 0x3Fu);
}

// Halves of a pair carry ten bits each, above 0x10000.
void AppendPair(absl::string_view high, absl::string_view low,
                std::string& text) {
  const uint32_t code = 0x10000 + (BitsOf(high) << 10 | BitsOf(low));
  text += static_cast<char>(0xF0 | code >> 18);
  text += static_cast<char>(0x80 | (code >> 12 & 0x3F));
  text += static_cast<char>(0x80 | (code >> 6 & 0x3F));
  text += static_cast<char>(0x80 | (code & 0x3F));
}

// Whether all of `text` is the beginning of one character.
bool IsCut(absl::string_view text) {
  if (text.empty()) return false;
  const size_t bytes =
      LengthByFirstByte(static_cast<unsigned char>(text.front()));
  return bytes > text.size() &&
         std::all_of(text.begin() + 1, text.end(),
                     [](char byte) { return (byte & 0xC0) == 0x80; });
}

// The number of bytes at the front of `text`, where no character begins, that
// one U+FFFD replaces: a cut character is one fault, not one a byte.
size_t FaultBytes(absl::string_view text) {
  const size_t most = std::min(
      text.size(),
      std::max<size_t>(
          1, LengthByFirstByte(static_cast<unsigned char>(text.front()))));
  size_t bytes = 1;
  while (bytes < most && (text[bytes] & 0xC0) == 0x80) ++bytes;
  return bytes;
}

// The length of the valid text that `text` begins with.
size_t ValidBytes(absl::string_view text) {
  size_t bytes = 0;
  while (bytes < text.size()) {
    const size_t character = FirstCharacter(text.substr(bytes)).bytes;
    if (character == 0) break;
    bytes += character;
  }
  return bytes;
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

bool IsUtf8(absl::string_view text) { return ValidBytes(text) == text.size(); }

// Invalid bytes are replaced one by one, so that the length stays bounded by
// that of the input.

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

absl::string_view Utf8Joiner::Add(absl::string_view piece) {
  // Nearly always the piece is valid as it is.
  if (cut_.empty() && IsUtf8(piece)) return piece;
  cut_.append(piece.data(), piece.size());
  const std::string bytes = std::move(cut_);
  cut_.clear();
  joined_.clear();
  absl::string_view rest = bytes;
  // Each turn copies the longest valid run, then deals with what stopped it: an
  // incomplete end is kept, a pair of halves is joined, anything else is
  // replaced.
  while (!rest.empty()) {
    const size_t valid = ValidBytes(rest);
    joined_.append(rest.data(), valid);
    rest.remove_prefix(valid);
    if (rest.empty()) break;
    const absl::string_view second =
        IsHighHalf(rest) ? rest.substr(kHalfBytes) : absl::string_view();
    if (IsCut(rest) ||
        (IsHighHalf(rest) && (second.empty() || IsCut(second)))) {
      cut_ = std::string(rest);
      break;
    }
    if (IsLowHalf(second)) {
      AppendPair(rest, second, joined_);
      rest.remove_prefix(2 * kHalfBytes);
      continue;
    }
    joined_.append(kReplacement.data(), kReplacement.size());
    rest.remove_prefix(FaultBytes(rest));
  }
  return joined_;
}

absl::string_view Utf8Joiner::End() {
  if (cut_.empty()) return {};
  cut_.clear();
  return kReplacement;
}

std::string ValidUtf8(absl::string_view text) {
  Utf8Joiner joiner;
  std::string valid(joiner.Add(text));
  const absl::string_view end = joiner.End();
  valid.append(end.data(), end.size());
  return valid;
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
