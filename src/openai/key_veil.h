#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace holysheep {

struct PlainChar;

// Stands in a text for a word that shows a key.
inline constexpr absl::string_view kHiddenKey = "[key]";

// Whether `c` may be part of a word that shows a key.
bool IsKeyByte(char c);

// Hides API keys in what the upstream says, however it writes them: any 8 or
// more characters of a key that follow each other, in any case, as they are or
// as base64 (of either alphabet, at any alignment), hex or percent, also
// percent twice, as escapes of JSON or HTML, or with up to 2 KiB of blanks,
// control characters or bytes that are no ASCII between them. A key is
// printable ASCII. Immutable, so thread-safe.
class KeyVeil {
 public:
  // So many characters in a row give a key away.
  static constexpr size_t kTelling = 8;

  KeyVeil() = default;
  // Of a key shorter than kTelling nothing is hidden; an empty one is none.
  explicit KeyVeil(const std::vector<absl::string_view>& keys);

  // `text` with `[key]` for each word that shows a part of a key. Takes time by
  // the length of `text`.
  std::string Hide(absl::string_view text) const;
  // Whether `text` shows a part of a key.
  bool Shows(absl::string_view text) const;

 private:
  friend class KeyHunt;
  // The bytes of a text from `begin` to before `end`.
  struct Span {
    size_t begin;
    size_t end;
  };
  static constexpr int kMaybeBits = 12;

  static size_t MaybeIndex(uint64_t window) {
    return (window * 0x9E3779B97F4A7C15u) >> (64 - kMaybeBits);
  }
  void AddWindows(const std::vector<PlainChar>& key);
  bool Knows(uint64_t window) const;
  // Where `text` shows parts of keys, ordered by where they begin.
  std::vector<Span> Find(absl::string_view text) const;
  static std::string WithoutWords(absl::string_view text,
                                  const std::vector<Span>& spans);

  // Each 8 characters of a key that follow each other, in lower case, as one
  // number; sorted.
  std::vector<uint64_t> windows_;
  // Which may be among them, so that most others need one look.
  std::bitset<1u << kMaybeBits> maybe_;
};

}  // namespace holysheep
