#include "openai/key_veil.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "openai/plain_reading.h"

namespace holysheep {
namespace {

constexpr int kNoDigit = -1;
// A long text is searched piece by piece, which bounds the memory. Pieces
// overlap, so that a key on their border is found whole; the overlap is the
// most that separators may stretch it.
constexpr size_t kPiece = 16'384;
constexpr size_t kOverlap = 2'048;

uint64_t Push(uint64_t window, unsigned char byte) {
  return window << 8 | static_cast<unsigned char>(absl::ascii_tolower(byte));
}

bool IsVisible(unsigned char byte) { return absl::ascii_isgraph(byte); }

int HexDigit(unsigned char byte) {
  if (absl::ascii_isdigit(byte)) return byte - '0';
  const int letter = absl::ascii_tolower(byte) - 'a';
  return letter >= 0 && letter < 6 ? letter + 10 : kNoDigit;
}

int Base64Digit(unsigned char byte) {
  if (absl::ascii_isupper(byte)) return byte - 'A';
  if (absl::ascii_islower(byte)) return byte - 'a' + 26;
  if (absl::ascii_isdigit(byte)) return byte - '0' + 52;
  if (byte == '+' || byte == '-') return 62;
  return byte == '/' || byte == '_' ? 63 : kNoDigit;
}

bool IsHexDigit(unsigned char byte) { return HexDigit(byte) != kNoDigit; }

bool IsBase64Digit(unsigned char byte) { return Base64Digit(byte) != kNoDigit; }

// Returns the characters of `text` for which `wanted` is true.
template <typename Predicate>
PlainText Only(const PlainText& text, Predicate wanted) {
  PlainText some;
  std::copy_if(text.begin(), text.end(), std::back_inserter(some),
               [&](const PlainChar& c) { return wanted(c.byte); });
  return some;
}

// Returns `text` without the 0x of numbers; empty if there is none. `0x73 0x6b`
// would otherwise have a digit too many for each byte.
PlainText WithoutMarks(const PlainText& text) {
  PlainText rest;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool marks = i + 1 < text.size() && text[i].byte == '0' &&
                       absl::ascii_tolower(text[i + 1].byte) == 'x';
    if (!marks) rest.push_back(text[i]);
  }
  return rest.size() < text.size() ? rest : PlainText();
}

}  // namespace

bool IsKeyByte(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::string_view("-_*.+/=~").find(c) != absl::string_view::npos;
}

// One search of one text. The digits of each encoding are examined without the
// bytes between them, so that separators hide nothing.
class KeyHunt {
 public:
  // `text` is at `offset` of the whole. Parts to be hidden are added to
  // `found`.
  KeyHunt(const KeyVeil& veil, absl::string_view text, size_t offset,
          std::vector<KeyVeil::Span>& found)
      : veil_(veil),
        readings_(PlainReadings(text)),
        offset_(offset),
        found_(found) {}

  void Find() {
    for (const PlainText& reading : readings_) {
      FindAsItIs(reading);
      FindAsItIs(Only(reading, IsVisible));
      FindHex(reading);
      FindHex(WithoutMarks(reading));
      FindDigits<6>(Only(reading, IsBase64Digit), Base64Digit);
    }
  }

 private:
  void FindHex(const PlainText& reading) {
    FindDigits<4>(Only(reading, IsHexDigit), HexDigit);
  }

  void FindAsItIs(const PlainText& reading) {
    uint64_t window = 0;
    for (size_t i = 0; i < reading.size(); ++i) {
      window = Push(window, reading[i].byte);
      if (veil_.Knows(window)) Note(reading, i, KeyVeil::kTelling);
    }
  }

  // Digits of kBits bits each. A byte may begin at any digit, so there is a
  // window for each alignment.
  template <int kBits, typename DigitOf>
  void FindDigits(const PlainText& digits, DigitOf digit_of) {
    constexpr size_t kPlaces = kBits == 4 ? 2 : 4;
    // The most digits that 8 bytes extend over.
    constexpr size_t kTouched = (KeyVeil::kTelling * 8 + kBits - 2) / kBits + 1;
    std::array<uint64_t, kPlaces> windows = {};
    unsigned bits = 0;
    for (size_t i = 0; i < digits.size(); ++i) {
      bits = bits << kBits | static_cast<unsigned>(digit_of(digits[i].byte));
      for (size_t place = 0; place < kPlaces; ++place) {
        const size_t past = (i + kPlaces - place) % kPlaces * kBits + kBits;
        const size_t spare = past % 8;
        if (past < 8 || spare >= kBits) continue;
        windows[place] =
            Push(windows[place], static_cast<unsigned char>(bits >> spare));
        if (veil_.Knows(windows[place])) Note(digits, i, kTouched);
      }
    }
  }

  // The last `count` characters up to `last` show a part of a key.
  void Note(const PlainText& reading, size_t last, size_t count) {
    const size_t first = last + 1 < count ? 0 : last + 1 - count;
    found_.push_back(
        {offset_ + reading[first].begin, offset_ + reading[last].end});
  }

  const KeyVeil& veil_;
  const std::vector<PlainText> readings_;
  const size_t offset_;
  std::vector<KeyVeil::Span>& found_;
};

// A key may itself look like an escape, which a reading of the text would undo.
KeyVeil::KeyVeil(const std::vector<absl::string_view>& keys) {
  for (const absl::string_view key : keys) {
    for (const PlainText& reading : PlainReadings(key)) {
      AddWindows(reading);
      AddWindows(Only(reading, IsVisible));
    }
  }
  std::sort(windows_.begin(), windows_.end());
}

void KeyVeil::AddWindows(const std::vector<PlainChar>& key) {
  uint64_t window = 0;
  for (size_t i = 0; i < key.size(); ++i) {
    window = Push(window, key[i].byte);
    if (i + 1 < kTelling) continue;
    windows_.push_back(window);
    maybe_.set(MaybeIndex(window));
  }
}

bool KeyVeil::Knows(uint64_t window) const {
  return maybe_[MaybeIndex(window)] &&
         std::binary_search(windows_.begin(), windows_.end(), window);
}

// Replaces every word that overlaps one of `spans`, which are sorted by their
// beginnings, with kHiddenKey.
std::string KeyVeil::WithoutWords(absl::string_view text,
                                  const std::vector<Span>& spans) {
  std::string shown;
  size_t from = 0;
  for (const Span& span : spans) {
    if (span.end <= from) continue;
    size_t begin = std::max(span.begin, from);
    while (begin > from && IsKeyByte(text[begin - 1])) --begin;
    shown.append(text.data() + from, begin - from);
    // A span that continues where the last one ended is the same key.
    if (begin > from || from == 0)
      shown.append(kHiddenKey.data(), kHiddenKey.size());
    from = span.end;
    while (from < text.size() && IsKeyByte(text[from])) ++from;
  }
  shown.append(text.data() + from, text.size() - from);
  return shown;
}

std::vector<KeyVeil::Span> KeyVeil::Find(absl::string_view text) const {
  std::vector<Span> found;
  if (windows_.empty() || text.size() < kTelling) return found;
  for (size_t at = 0; at == 0 || at + kOverlap < text.size();
       at += kPiece - kOverlap) {
    KeyHunt(*this, text.substr(at, kPiece), at, found).Find();
  }
  std::sort(found.begin(), found.end(),
            [](const Span& a, const Span& b) { return a.begin < b.begin; });
  return found;
}

std::string KeyVeil::Hide(absl::string_view text) const {
  return WithoutWords(text, Find(text));
}

bool KeyVeil::Shows(absl::string_view text) const {
  return !Find(text).empty();
}

}  // namespace holysheep
