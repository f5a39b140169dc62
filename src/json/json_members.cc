#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "json/json.h"
#include "json/json_texts.h"

namespace holysheep {
namespace {

constexpr absl::string_view kBlanks = " \t\r\n";

// Skips over text that is known to be valid JSON. On a text that is not valid
// it returns something, but always ends.
class Scanner {
 public:
  explicit Scanner(absl::string_view text) : text_(text) {}

  // Whether the next byte behind blanks is `wanted`, which is then taken.
  bool Take(char wanted) {
    SkipBlanks();
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  // The next value as it is written; empty at the end.
  absl::string_view Value();

 private:
  void SkipBlanks() {
    at_ = std::min(text_.find_first_not_of(kBlanks, at_), text_.size());
  }
  void SkipString();
  void SkipNested();

  const absl::string_view text_;
  size_t at_ = 0;
};

absl::string_view Scanner::Value() {
  SkipBlanks();
  const size_t start = at_;
  if (start >= text_.size()) return {};
  switch (text_[start]) {
    case '"':
      SkipString();
      break;
    case '{':
    case '[':
      SkipNested();
      break;
    default:
      at_ = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
  }
  return text_.substr(start, at_ - start);
}

// A quote ends a string if an even number of backslashes is before it.
void Scanner::SkipString() {
  const size_t start = at_;
  do {
    at_ = std::min(text_.find('"', at_ + 1), text_.size());
    size_t escapes = at_;
    while (escapes > start + 1 && text_[escapes - 1] == '\\') --escapes;
    if ((at_ - escapes) % 2 == 0) break;
  } while (at_ < text_.size());
  at_ = std::min(at_ + 1, text_.size());
}

void Scanner::SkipNested() {
  size_t open = 0;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '"') {
      SkipString();
      continue;
    }
    ++at_;
    if (c == '{' || c == '[') ++open;
    if ((c == '}' || c == ']') && --open == 0) return;
  }
}

std::string Unquoted(absl::string_view name) {
  if (name.find('\\') == absl::string_view::npos) {
    return std::string(name.substr(1, name.size() - 2));
  }
  auto members = JsonMembers("{" + std::string(name) + ":0}");
  return members.ok() ? std::move(members->front().name) : std::string();
}

}  // namespace

std::vector<std::string> TextsOfChecked(absl::string_view text) {
  std::vector<std::string> texts;
  Scanner scanner(text);
  if (!scanner.Take('[') || scanner.Take(']')) return texts;
  do {
    const absl::string_view value = scanner.Value();
    if (value.empty()) break;
    if (value[0] == '"') texts.push_back(Unquoted(value));
  } while (scanner.Take(','));
  return texts;
}

std::vector<JsonMember> MembersOfChecked(absl::string_view object) {
  std::vector<JsonMember> members;
  Scanner scanner(object);
  if (!scanner.Take('{') || scanner.Take('}')) return members;
  do {
    const absl::string_view name = scanner.Value();
    if (name.size() < 2 || !scanner.Take(':')) break;
    members.push_back({Unquoted(name), scanner.Value()});
  } while (scanner.Take(','));
  return members;
}

std::string FoldedName(absl::string_view name) {
  return absl::AsciiStrToLower(
      absl::StrReplaceAll(name, {{"\xC5\xBF", "s"}, {"\xE2\x84\xAA", "k"}}));
}

}  // namespace holysheep
