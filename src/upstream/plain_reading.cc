#include "upstream/plain_reading.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"

namespace holysheep {
namespace {

constexpr int kDeepest = 4;
// Stands for every character beyond ASCII.
constexpr unsigned kBeyondAscii = 0x80;

// An escape that stands for one byte, and its length.
struct Escape {
  unsigned char byte = 0;
  // 0: there is none.
  size_t length = 0;
};

// Undoes one level of escapes.
class Undoing {
 public:
  explicit Undoing(const std::vector<PlainChar>& text) : text_(text) {}

  // Empty if there were none.
  std::vector<PlainChar> Result() {
    std::vector<PlainChar> plain;
    bool changed = false;
    for (size_t at = 0; at < text_.size();) {
      const Escape escape = EscapeAt(at);
      if (escape.length == 0) {
        plain.push_back(text_[at++]);
        continue;
      }
      changed = true;
      plain.push_back(
          {escape.byte, text_[at].begin, text_[at + escape.length - 1].end});
      at += escape.length;
    }
    return changed ? plain : std::vector<PlainChar>();
  }

 private:
  unsigned char At(size_t at) const {
    return at < text_.size() ? text_[at].byte : 0;
  }

  Escape EscapeAt(size_t at) const {
    switch (At(at)) {
      case '%':
        return Digits(at, 1, 2, 16);
      case '\\':
        return Backslash(at);
      case '&':
        return Entity(at);
      default:
        return {};
    }
  }

  Escape Backslash(size_t at) const {
    const unsigned char next = At(at + 1);
    if (next == 'u') return Digits(at, 2, 4, 16);
    if (next == 'x') return Digits(at, 2, 2, 16);
    constexpr absl::string_view kControls = "bfnrt";
    constexpr absl::string_view kItself = "\"'\\/";
    const char c = static_cast<char>(next);
    if (kControls.find(c) != absl::string_view::npos) return {' ', 2};
    if (kItself.find(c) != absl::string_view::npos) return {next, 2};
    return {};
  }

  Escape Entity(size_t at) const {
    if (At(at + 1) != '#') return {};
    const bool hex = absl::ascii_tolower(At(at + 2)) == 'x';
    const size_t skip = hex ? 3 : 2;
    // Leading zeros may be many.
    constexpr size_t kMostDigits = 8;
    size_t count = 0;
    while (count < kMostDigits && absl::ascii_isxdigit(At(at + skip + count))) {
      ++count;
    }
    Escape escape = Digits(at, skip, count, hex ? 16 : 10);
    if (escape.length > 0 && At(at + escape.length) == ';') ++escape.length;
    return escape;
  }

  // `count` digits behind `skip` characters.
  Escape Digits(size_t at, size_t skip, size_t count, unsigned base) const {
    unsigned code = 0;
    for (size_t i = 0; i < count; ++i) {
      const unsigned char c = At(at + skip + i);
      if (!absl::ascii_isxdigit(c)) return {};
      const unsigned digit =
          absl::ascii_isdigit(c) ? c - '0' : absl::ascii_tolower(c) - 'a' + 10u;
      if (digit >= base) return {};
      code = code * base + digit;
    }
    if (count == 0) return {};
    return {static_cast<unsigned char>(std::min(code, kBeyondAscii)),
            skip + count};
  }

  const std::vector<PlainChar>& text_;
};

}  // namespace

std::vector<PlainChar> ReadPlainly(absl::string_view text) {
  std::vector<PlainChar> plain;
  plain.reserve(text.size());
  for (uint32_t i = 0; i < text.size(); ++i) {
    plain.push_back({static_cast<unsigned char>(text[i]), i, i + 1});
  }
  for (int depth = 0; depth < kDeepest; ++depth) {
    std::vector<PlainChar> undone = Undoing(plain).Result();
    if (undone.empty()) break;
    plain = std::move(undone);
  }
  return plain;
}

}  // namespace holysheep
