#include "json/embedded_json.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "json/json_dom.h"
#include "rapidjson/memorystream.h"
#include "rapidjson/reader.h"

namespace holysheep {
namespace {

// As much of a text as decides whether a bracket opens JSON.
constexpr size_t kMaxLook = 512;
constexpr absl::string_view kThoughts[] = {"think", "thinking", "thought",
                                           "reasoning"};

bool IsLetter(char c) {
  return absl::ascii_isalpha(static_cast<unsigned char>(c));
}

bool IsNameByte(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' ||
         c == '$' || c == '-' || c == '.' || (c & 0x80) != 0;
}

bool OpensContainer(absl::string_view text) {
  return !text.empty() && (text[0] == '{' || text[0] == '[');
}

// What a parser makes of the beginning of a text.
struct Reading {
  // The bytes of the value, or of what was read before the fault.
  size_t bytes = 0;
  bool is_value = false;
};

Reading ReadValue(absl::string_view text) {
  constexpr unsigned kFlags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseStopWhenDoneFlag;
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::BaseReaderHandler<> nobody;
  rapidjson::Reader reader;
  if (reader.Parse<kFlags>(stream, nobody).IsError()) {
    return {std::min(reader.GetErrorOffset(), text.size()), false};
  }
  return {stream.Tell(), true};
}

// Removes blanks and comments from the front of `text`.
absl::string_view SkipBlanks(absl::string_view text) {
  for (;;) {
    text = absl::StripLeadingAsciiWhitespace(text);
    absl::string_view end;
    if (absl::StartsWith(text, "/*")) end = "*/";
    if (absl::StartsWith(text, "//") || absl::StartsWith(text, "#")) end = "\n";
    if (end.empty()) return text;
    const size_t at = text.find(end);
    text.remove_prefix(at == text.npos ? text.size() : at + end.size());
  }
}

// The size of the name at the front of `text`, which may have wrong quotes or
// none; 0 if there is none.
size_t SizeOfName(absl::string_view text) {
  if (text.empty()) return 0;
  if (text[0] != '"' && text[0] != '\'') {
    return static_cast<size_t>(
        std::find_if_not(text.begin(), text.end(), IsNameByte) - text.begin());
  }
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == text[0]) return i + 1;
    if (text[i] == '\\') ++i;
  }
  return 0;
}

// Whether the bracket at the front of `text` opens JSON, be it broken, rather
// than belonging to a sentence.
bool LooksLikeJson(absl::string_view text) {
  const absl::string_view inside = SkipBlanks(text.substr(1, kMaxLook));
  if (text[0] == '[') {
    return !inside.empty() && absl::StrContains("{[\"'", inside[0]);
  }
  const size_t name = SizeOfName(inside);
  return name > 0 && absl::StartsWith(SkipBlanks(inside.substr(name)), ":");
}

// The end of the bracket at the front of `text`, of which strings are no part;
// nothing if it is never closed.
std::optional<size_t> EndOfBracket(absl::string_view text) {
  size_t depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      in_string = !in_string;
    } else if (in_string) {
      // A string in JSON has one line.
      if (c == '\\') ++i;
      if (c == '\n') in_string = false;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return std::nullopt;
}

// The size of the tag at the front of `text`, which begins with `<` or `</`;
// 0 if it is none of a thought.
size_t SizeOfThoughtTag(absl::string_view text, absl::string_view opening) {
  if (!absl::StartsWith(text, opening)) return 0;
  const absl::string_view rest = text.substr(opening.size());
  for (const absl::string_view name : kThoughts) {
    if (absl::StartsWithIgnoreCase(rest, name) &&
        absl::StartsWith(rest.substr(name.size()), ">")) {
      return opening.size() + name.size() + 1;
    }
  }
  return 0;
}

// The end of the next tag in `text` that closes a thought; nothing if there is
// none.
std::optional<size_t> EndOfThought(absl::string_view text) {
  for (size_t at = text.find("</"); at != text.npos;
       at = text.find("</", at + 2)) {
    const size_t size = SizeOfThoughtTag(text.substr(at), "</");
    if (size > 0) return at + size;
  }
  return std::nullopt;
}

// Where the first tag that opens a thought begins.
size_t BeginOfThought(absl::string_view text) {
  size_t at = text.find('<');
  while (at != text.npos && SizeOfThoughtTag(text.substr(at), "<") == 0) {
    at = text.find('<', at + 1);
  }
  return std::min(at, text.size());
}

// Removes a byte order mark, blanks, and a thought whose opening tag was part
// of the prompt.
absl::string_view Begin(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  absl::ConsumePrefix(&text, "\xef\xbb\xbf");
  const auto end = OpensContainer(absl::StripLeadingAsciiWhitespace(text))
                       ? std::nullopt
                       : EndOfThought(text);
  if (end.has_value() && BeginOfThought(text) > *end) {
    text.remove_prefix(*end);
  }
  text = absl::StripAsciiWhitespace(text);
  while (const size_t tag = SizeOfThoughtTag(text, "<")) {
    text.remove_prefix(tag);
    text.remove_prefix(EndOfThought(text).value_or(text.size()));
    text = absl::StripAsciiWhitespace(text);
  }
  return text;
}

// Removes the name of a language, such as `json`, from what a fence encloses.
absl::string_view WithoutLanguage(absl::string_view text) {
  const size_t size = static_cast<size_t>(
      std::find_if_not(text.begin(), text.end(), IsLetter) - text.begin());
  const absl::string_view rest = text.substr(size);
  const bool is_line =
      absl::StartsWith(rest, "\n") || absl::StartsWith(rest, "\r\n");
  const bool is_json = absl::StartsWithIgnoreCase(text, "json");
  return absl::StripAsciiWhitespace(is_line || is_json ? rest : text);
}

// Removes a line with the word `json` from the front of `text`.
absl::string_view WithoutJsonLine(absl::string_view text) {
  absl::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(line.size());
  line = absl::StripTrailingAsciiWhitespace(line);
  absl::ConsumeSuffix(&line, ":");
  return absl::EqualsIgnoreCase(line, "json") ? absl::StripAsciiWhitespace(text)
                                              : absl::string_view();
}

// One walk through a text. What is behind `at_` has been looked at, and is in
// no value that is still open.
class Search {
 public:
  explicit Search(absl::string_view text) : text_(text) {}

  EmbeddedJson Run() {
    if (TakeScalar(text_) || TakeScalar(WithoutJsonLine(text_))) {
      return std::move(found_);
    }
    while (at_ < text_.size() && !found_.more) {
      switch (text_[at_]) {
        case '{':
        case '[':
          MeetBracket();
          break;
        case '<':
          MeetTag();
          break;
        case '`':
        case '~':
          MeetFence();
          break;
        default:
          at_ = std::min(text_.find_first_of("{[<`~", at_), text_.size());
      }
    }
    EndFence(text_.size());
    return std::move(found_);
  }

 private:
  void Add(absl::string_view value) {
    if (found_.values.size() == kMaxEmbeddedValues) {
      found_.more = true;
    } else {
      found_.values.push_back(value);
    }
  }

  bool TakeScalar(absl::string_view text) {
    if (text.empty() || OpensContainer(text) || !IsJson(text)) return false;
    Add(text);
    return true;
  }

  void MeetBracket() {
    const absl::string_view rest = text_.substr(at_);
    const Reading reading = ReadValue(rest);
    if (reading.is_value) {
      Add(rest.substr(0, reading.bytes));
      at_ += reading.bytes;
    } else if (LooksLikeJson(rest)) {
      at_ += EndOfBracket(rest).value_or(rest.size());
    } else {
      // A brace may have misled the parser into a string that is none.
      at_ += rest[0] == '{' ? 1 : std::max<size_t>(reading.bytes, 1);
    }
  }

  void MeetTag() {
    const absl::string_view rest = text_.substr(at_);
    const size_t tag = SizeOfThoughtTag(rest, "<");
    if (tag == 0) {
      ++at_;
    } else {
      at_ += EndOfThought(rest.substr(tag)).value_or(rest.size() - tag) + tag;
    }
  }

  void MeetFence() {
    const char mark = text_[at_];
    const size_t end =
        std::min(text_.find_first_not_of(mark, at_), text_.size());
    constexpr size_t kFence = 3;
    if (end - at_ >= kFence) {
      const bool was_open = fence_.has_value();
      EndFence(at_);
      if (!was_open) fence_ = end;
      before_fence_ = found_.values.size();
    }
    at_ = end;
  }

  // An open fence ends at `end`; a scalar in it is a value, with all brackets
  // in it.
  void EndFence(size_t end) {
    if (!fence_.has_value()) return;
    const absl::string_view inside =
        WithoutLanguage(text_.substr(*fence_, end - *fence_));
    fence_.reset();
    if (inside.empty() || OpensContainer(inside) || !IsJson(inside)) return;
    found_.values.resize(before_fence_);
    Add(inside);
  }

  const absl::string_view text_;
  size_t at_ = 0;
  // Behind the marks of an open fence.
  std::optional<size_t> fence_;
  // The number of values that came before it.
  size_t before_fence_ = 0;
  EmbeddedJson found_;
};

}  // namespace

EmbeddedJson FindEmbeddedJson(absl::string_view text) {
  return Search(Begin(text)).Run();
}

}  // namespace holysheep
