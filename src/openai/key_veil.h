#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace holysheep {

struct PlainChar;

// Replaces a word that shows a key.
inline constexpr absl::string_view kHiddenKey = "[key]";

// Whether `c` may be part of a word that shows a key. Such a word is hidden as
// a whole, so that its remainder gives no hint.
bool IsKeyByte(char c);

// Hides API keys in what the upstream says, however they are written: any 8 or
// more consecutive characters of a key, in any case, plain or encoded as base64
// (either alphabet, any alignment), hex, percent (also twice), or escapes of
// JSON or HTML, also with up to 2 KiB of blanks, control characters or other
// bytes beyond ASCII between them. A key is printable ASCII. Immutable and
// therefore thread-safe. Used by the key-veil layer and by CleanMessage.
class KeyVeil {
 public:
  // The number of consecutive characters that reveal a key. A window of so many
  // bytes fits into one 64-bit number; fewer would also occur in ordinary
  // words.
  static constexpr size_t kTelling = 8;

  // Hides nothing.
  KeyVeil() = default;
  // Keys shorter than kTelling are not hidden; an empty key is ignored.
  explicit KeyVeil(const std::vector<absl::string_view>& keys);

  // Returns `text` with `[key]` for each word that shows a part of a key. Takes
  // time linear in the length of `text`.
  std::string Hide(absl::string_view text) const;
  // Whether `text` shows a part of a key.
  bool Shows(absl::string_view text) const;

 private:
  friend class KeyHunt;
  // The bytes of a text from `begin` up to, but excluding, `end`. All parts of
  // one search, in bytes of the text as it was given.
  struct Span {
    size_t begin;
    size_t end;
  };
  // 4,096 bits are half a KiB, and a key of 200 characters sets one in twenty.
  static constexpr int kMaybeBits = 12;

  // The multiplier is 2^64 divided by the golden ratio (Fibonacci hashing),
  // which spreads neighbouring windows.
  static size_t MaybeIndex(uint64_t window) {
    return (window * 0x9E3779B97F4A7C15u) >> (64 - kMaybeBits);
  }
  // Adds each run of kTelling characters; nothing if `key` is shorter.
  void AddWindows(const std::vector<PlainChar>& key);
  // Whether the key has these 8 characters in a row.
  bool Knows(uint64_t window) const;
  // Returns the parts of keys in `text`, sorted by their beginnings.
  std::vector<Span> Find(absl::string_view text) const;
  static std::string WithoutWords(absl::string_view text,
                                  const std::vector<Span>& spans);

  // Each run of 8 characters of a key, in lower case, as one number; sorted.
  std::vector<uint64_t> windows_;
  // A filter of the windows, so that most other texts need a single look-up.
  std::bitset<1u << kMaybeBits> maybe_;
};

}  // namespace holysheep
