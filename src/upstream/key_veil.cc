#include "upstream/key_veil.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "upstream/plain_reading.h"

namespace holysheep {
namespace {

constexpr absl::string_view kHidden = "[key]";
constexpr int kNoDigit = -1;
// A long text is looked at piece by piece, which bounds the memory that takes.
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

// Bytes that a key, or a form of one, goes on through.
bool IsWordByte(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::string_view("-_*.+/=~").find(c) != absl::string_view::npos;
}

}  // namespace

// One search of one text. Digits of the forms are looked at without what lies
// between them, so that whatever separates them hides nothing.
class KeyHunt {
 public:
  // `text` stands at `offset`. What is to be hidden is added to `found`.
  KeyHunt(const KeyVeil& veil, absl::string_view text, size_t offset,
          std::vector<KeyVeil::Span>& found)
      : veil_(veil),
        reading_(ReadPlainly(text)),
        offset_(offset),
        found_(found) {}

  void Find() {
    FindAsItIs(reading_);
    FindAsItIs(Only([](unsigned char byte) { return IsVisible(byte); }));
    FindDigits<4>(
        Only([](unsigned char byte) { return HexDigit(byte) != kNoDigit; }),
        HexDigit);
    FindDigits<6>(
        Only([](unsigned char byte) { return Base64Digit(byte) != kNoDigit; }),
        Base64Digit);
  }

 private:
  using Reading = std::vector<PlainChar>;

  template <typename Predicate>
  Reading Only(Predicate wanted) const {
    Reading some;
    std::copy_if(reading_.begin(), reading_.end(), std::back_inserter(some),
                 [&](const PlainChar& c) { return wanted(c.byte); });
    return some;
  }

  void FindAsItIs(const Reading& reading) {
    uint64_t window = 0;
    for (size_t i = 0; i < reading.size(); ++i) {
      window = Push(window, reading[i].byte);
      if (veil_.Knows(window)) Note(reading, i, KeyVeil::kTelling);
    }
  }

  // Digits of kBits bits each. A byte may begin at any of them, so there is a
  // window for each place at which the bytes may be aligned.
  template <int kBits, typename DigitOf>
  void FindDigits(const Reading& digits, DigitOf digit_of) {
    constexpr size_t kPlaces = kBits == 4 ? 2 : 4;
    // The digits that 8 bytes touch at most.
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
  void Note(const Reading& reading, size_t last, size_t count) {
    const size_t first = last + 1 < count ? 0 : last + 1 - count;
    found_.push_back(
        {offset_ + reading[first].begin, offset_ + reading[last].end});
  }

  const KeyVeil& veil_;
  const Reading reading_;
  const size_t offset_;
  std::vector<KeyVeil::Span>& found_;
};

KeyVeil::KeyVeil(const std::vector<absl::string_view>& keys) {
  for (const absl::string_view key : keys) {
    AddWindows(key);
    std::string visible(key);
    visible.erase(
        std::remove_if(
            visible.begin(), visible.end(),
            [](char c) { return !IsVisible(static_cast<unsigned char>(c)); }),
        visible.end());
    if (visible != key) AddWindows(visible);
  }
  std::sort(windows_.begin(), windows_.end());
}

void KeyVeil::AddWindows(absl::string_view key) {
  uint64_t window = 0;
  for (size_t i = 0; i < key.size(); ++i) {
    window = Push(window, static_cast<unsigned char>(key[i]));
    if (i + 1 < kTelling) continue;
    windows_.push_back(window);
    maybe_.set(MaybeIndex(window));
  }
}

bool KeyVeil::Knows(uint64_t window) const {
  return maybe_[MaybeIndex(window)] &&
         std::binary_search(windows_.begin(), windows_.end(), window);
}

// `text` with kHidden for every word that one of `spans` touches; they are in
// the order of their beginnings.
std::string KeyVeil::WithoutWords(absl::string_view text,
                                  const std::vector<Span>& spans) {
  std::string shown;
  size_t from = 0;
  for (const Span& span : spans) {
    if (span.end <= from) continue;
    size_t begin = std::max(span.begin, from);
    while (begin > from && IsWordByte(text[begin - 1])) --begin;
    shown.append(text.data() + from, begin - from);
    // What goes on where the last one ended is the same key.
    if (begin > from || from == 0) shown.append(kHidden.data(), kHidden.size());
    from = span.end;
    while (from < text.size() && IsWordByte(text[from])) ++from;
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
