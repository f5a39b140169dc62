#include "openai/clean_message.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "base/utf8.h"
#include "openai/key_veil.h"

namespace holysheep {
namespace {

// Enough for an upstream's usual refusal, and little enough for gRPC's
// trailers, which many clients bound to 8 KiB.
constexpr size_t kMaxBytes = 500;
// The number of characters of a key that would reveal it.
constexpr size_t kTellingPrefix = 6;

// Also true for a key that the upstream has masked itself.
bool LooksLikeKey(absl::string_view word) {
  return word.size() >= kTellingPrefix &&
         (absl::StartsWith(word, "sk-") || absl::StrContains(word, "***"));
}

// A word that looks like any key: the upstream may know others than ours.
std::string HideWhatLooksLikeKeys(absl::string_view text) {
  std::string out;
  while (!text.empty()) {
    size_t size = 0;
    while (size < text.size() && IsKeyByte(text[size])) ++size;
    const absl::string_view word = text.substr(0, size);
    const absl::string_view shown = LooksLikeKey(word) ? kHiddenKey : word;
    out.append(shown.data(), shown.size());
    text.remove_prefix(size);
    if (size == 0) {
      out += text[0];
      text.remove_prefix(1);
    }
  }
  return out;
}

}  // namespace

std::string CleanMessage(absl::string_view text, absl::string_view key) {
  // Shortened first, so that the cost is bounded, but far enough beyond the
  // final length that no part of a key is split there.
  std::string line =
      HideWhatLooksLikeKeys(KeyVeil({key}).Hide(text.substr(0, 4 * kMaxBytes)));
  for (char& c : line) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) c = ' ';
  }
  return BoundedUtf8(absl::StripAsciiWhitespace(line), kMaxBytes);
}

}  // namespace holysheep
