#include "openai/plain_reading.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"

namespace holysheep {
namespace {

// JSON in JSON in a URL is three levels; one more is to spare.
constexpr int kMaxReadings = 4;
// Represents every character beyond ASCII.
constexpr unsigned kBeyondAscii = 0x80;

// HTML's named characters that may occur in a key.
constexpr std::pair<absl::string_view, unsigned char> kNamed[] = {
    {"excl;", '!'},   {"quot;", '"'},   {"num;", '#'},   {"dollar;", '$'},
    {"percnt;", '%'}, {"amp;", '&'},    {"apos;", '\''}, {"lpar;", '('},
    {"rpar;", ')'},   {"ast;", '*'},    {"plus;", '+'},  {"comma;", ','},
    {"period;", '.'}, {"sol;", '/'},    {"colon;", ':'}, {"semi;", ';'},
    {"lt;", '<'},     {"equals;", '='}, {"gt;", '>'},    {"quest;", '?'},
    {"commat;", '@'}, {"lsqb;", '['},   {"bsol;", '\\'}, {"rsqb;", ']'},
    {"Hat;", '^'},    {"lowbar;", '_'}, {"grave;", '`'}, {"lcub;", '{'},
    {"verbar;", '|'}, {"rcub;", '}'}};

// The byte that an escape stands for, and the length of the escape.
struct Escape {
  unsigned char byte = 0;
  // 0 if there is no escape.
  size_t length = 0;
};

// Undoes one level of escapes.
class Undoing {
 public:
  explicit Undoing(const PlainText& text) : text_(text) {}

  // Empty if there were no escapes.
  PlainText Result() {
    PlainText plain;
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
    return changed ? plain : PlainText();
  }

 private:
  unsigned char At(size_t at) const {
    return at < text_.size() ? text_[at].byte : 0;
  }

  Escape EscapeAt(size_t at) const {
    switch (At(at)) {
      case '%':
        return At(at + 1) == 'u' ? Digits(at, 2, 4, 16) : Digits(at, 1, 2, 16);
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
    if (next == 'u' && At(at + 2) == '{') return Braced(at);
    if (next == 'u') return Digits(at, 2, 4, 16);
    if (next == 'U') return Digits(at, 2, 8, 16);
    if (next == 'x') return Digits(at, 2, 2, 16);
    constexpr absl::string_view kControls = "bfnrt";
    constexpr absl::string_view kItself = "\"'\\/";
    const char c = static_cast<char>(next);
    if (kControls.find(c) != absl::string_view::npos) return {' ', 2};
    if (kItself.find(c) != absl::string_view::npos) return {next, 2};
    return Digits(at, 1, 3, 8);
  }

  Escape Braced(size_t at) const {
    Escape escape = Digits(at, 3, CountDigits(at + 3), 16);
    if (At(at + escape.length) != '}') return {};
    ++escape.length;
    return escape;
  }

  Escape Entity(size_t at) const {
    if (At(at + 1) != '#') return Named(at);
    const bool hex = absl::ascii_tolower(At(at + 2)) == 'x';
    const size_t skip = hex ? 3 : 2;
    Escape escape = Digits(at, skip, CountDigits(at + skip), hex ? 16 : 10);
    if (escape.length > 0 && At(at + escape.length) == ';') ++escape.length;
    return escape;
  }

  Escape Named(size_t at) const {
    for (const auto& [name, byte] : kNamed) {
      size_t same = 0;
      while (same < name.size() &&
             At(at + 1 + same) == static_cast<unsigned char>(name[same])) {
        ++same;
      }
      if (same == name.size()) return {byte, 1 + same};
    }
    return {};
  }

  // There may be many leading zeros.
  size_t CountDigits(size_t at) const {
    constexpr size_t kMost = 8;
    size_t count = 0;
    while (count < kMost && absl::ascii_isxdigit(At(at + count))) ++count;
    return count;
  }

  // Reads `count` digits after skipping `skip` characters.
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

  const PlainText& text_;
};

}  // namespace

std::vector<PlainText> PlainReadings(absl::string_view text) {
  std::vector<PlainText> readings(1);
  readings[0].reserve(text.size());
  for (uint32_t i = 0; i < text.size(); ++i) {
    readings[0].push_back({static_cast<unsigned char>(text[i]), i, i + 1});
  }
  for (int depth = 0; depth < kMaxReadings; ++depth) {
    PlainText undone = Undoing(readings.back()).Result();
    if (undone.empty()) break;
    readings.push_back(std::move(undone));
  }
  return readings;
}

}  // namespace holysheep
