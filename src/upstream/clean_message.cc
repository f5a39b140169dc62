#include "upstream/clean_message.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace holysheep {
namespace {

constexpr size_t kMaxBytes = 500;
constexpr absl::string_view kHidden = "[key]";
// As much of a key in a word as gives it away.
constexpr size_t kTellingPrefix = 6;

bool IsWordByte(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' ||
         c == '_' || c == '*' || c == '.' || c == '+' || c == '/' || c == '=' ||
         c == '~';
}

// Also true for a key that the upstream has masked itself.
bool LooksLikeKey(absl::string_view word, absl::string_view key) {
  if (word.size() < kTellingPrefix) return false;
  if (absl::StartsWith(word, "sk-") || absl::StrContains(word, "***")) {
    return true;
  }
  return key.size() >= kTellingPrefix &&
         absl::StrContains(word, key.substr(0, kTellingPrefix));
}

std::string HideKeys(absl::string_view text, absl::string_view key) {
  std::string out;
  while (!text.empty()) {
    // Whole first: a key may hold bytes that end a word.
    if (!key.empty() && absl::ConsumePrefix(&text, key)) {
      out.append(kHidden.data(), kHidden.size());
      continue;
    }
    size_t size = 0;
    while (size < text.size() && IsWordByte(text[size])) ++size;
    const absl::string_view word = text.substr(0, size);
    const absl::string_view shown = LooksLikeKey(word, key) ? kHidden : word;
    out.append(shown.data(), shown.size());
    text.remove_prefix(size);
    if (size == 0) {
      out += text[0];
      text.remove_prefix(1);
    }
  }
  return out;
}

// The length of the UTF-8 character at the start of `text`; 0 if none is
// there. Overlong forms and surrogates pass as what they pretend to be: they
// are only ever shown.
size_t CharacterSize(absl::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const size_t size = lead < 0x80                   ? 1
                      : lead >= 0xC2 && lead < 0xE0 ? 2
                      : lead >= 0xE0 && lead < 0xF0 ? 3
                      : lead >= 0xF0 && lead < 0xF5 ? 4
                                                    : 0;
  if (size > text.size()) return 0;
  for (size_t i = 1; i < size; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return 0;
  }
  return size;
}

}  // namespace

std::string CleanMessage(absl::string_view text, absl::string_view key) {
  // Before hiding, so that the cost is bounded; far enough beyond the cut that
  // no key is cut in two.
  std::string hidden = HideKeys(text.substr(0, 4 * kMaxBytes), key);
  std::string out;
  absl::string_view rest = absl::StripAsciiWhitespace(hidden);
  while (!rest.empty() && out.size() < kMaxBytes - 3) {
    const size_t size = CharacterSize(rest);
    if (size == 0) {
      out += '?';
    } else if (absl::ascii_iscntrl(static_cast<unsigned char>(rest[0]))) {
      out += ' ';
    } else {
      out.append(rest.data(), size);
    }
    rest.remove_prefix(std::max<size_t>(size, 1));
  }
  return out;
}

}  // namespace holysheep
