#include <algorithm>

#include "absl/strings/str_cat.h"
#include "cli/batch/text_encoding.h"

namespace holysheep::cli {
namespace {

// The bytes outside ASCII of a text, read as pairs of a double-byte encoding.
struct Pairs {
  int pairs = 0;    // a byte from 0x81 and a second one
  int single = 0;   // alone between ASCII characters
  int kana = 0;     // hiragana and katakana of Shift-JIS
  int chinese = 0;  // both bytes as in GB 2312
  int big5 = 0;     // as in Big5, with a second byte that GB 2312 has not
};

bool IsHigh(absl::string_view text, size_t i) {
  return i < text.size() && static_cast<unsigned char>(text[i]) >= 0x80;
}

void CountPair(unsigned char lead, unsigned char trail, Pairs& found) {
  ++found.pairs;
  if ((lead == 0x82 && trail >= 0x9F && trail <= 0xF1) ||
      (lead == 0x83 && trail >= 0x40 && trail <= 0x96)) {
    ++found.kana;
  }
  if (lead >= 0xA1 && trail >= 0xA1) ++found.chinese;
  if (lead >= 0xA1 && trail >= 0x40 && trail <= 0x7E) ++found.big5;
}

// A letter of a Western encoding stands between ASCII letters. So may a pair
// whose second byte is in ASCII, but most pairs follow another one.
Pairs CountPairs(absl::string_view text) {
  Pairs found;
  bool after_pair = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!IsHigh(text, i)) {
      after_pair = false;
      continue;
    }
    const char next = i + 1 < text.size() ? text[i + 1] : ' ';
    const bool begins_no_pair =
        !IsHigh(text, i + 1) &&
        (next < '@' || (!after_pair && next >= 'a' && next <= 'z'));
    after_pair = !begins_no_pair;
    if (begins_no_pair) {
      ++found.single;
      continue;
    }
    CountPair(static_cast<unsigned char>(text[i]),
              static_cast<unsigned char>(next), found);
    ++i;
  }
  return found;
}

absl::string_view LikelyEncoding(absl::string_view text) {
  const Pairs found = CountPairs(text);
  if (found.single >= found.pairs) return "windows-1252";
  if (found.kana * 4 >= found.pairs) return "Shift-JIS";
  if (found.chinese == found.pairs) return "GBK";
  return found.big5 > 0 ? "Big5" : "GBK";
}

}  // namespace

std::string NotUtf8(absl::string_view text) {
  return absl::StrCat(
      "not UTF-8; give its encoding, perhaps --encoding ",
      LikelyEncoding(text.substr(0, std::min<size_t>(text.size(), 4096))));
}

}  // namespace holysheep::cli
