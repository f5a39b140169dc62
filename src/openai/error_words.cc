#include "openai/error_words.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "http/retry_after.h"
#include "json/json_dom.h"
#include "openai/page_text.h"

namespace holysheep {
namespace {

// Refusals are short; the bounds keep a hostile body from costing more than its
// transfer.
constexpr size_t kMaxText = 16'384;
constexpr size_t kMaxErrors = 8;
// The depth of errors in errors, and of JSON in texts in JSON.
constexpr int kDeepest = 8;

// Members that name the kind of an error.
constexpr absl::string_view kCodes[] = {"code",       "type",        "status",
                                        "error_code", "status_code", "reason"};
// Members whose texts are for people.
constexpr absl::string_view kTexts[] = {"message", "msg", "error_msg",
                                        "status_msg", "error_description"};
// Members that hold errors or are texts for people.
constexpr absl::string_view kNested[] = {"error",    "errors",    "detail",
                                         "details",  "base_resp", "innererror",
                                         "metadata", "raw"};

// Walks through the JSON once. Bounds: kDeepest levels, kMaxErrors texts,
// kMaxText bytes; what exceeds them is ignored rather than refused.
class Collecting {
 public:
  void Take(const JsonValue* value, int depth) {
    if (value == nullptr || depth == kDeepest) return;
    if (value->IsString()) return TakeText(TextOf(value), depth);
    if (value->IsArray()) {
      const size_t count = std::min<size_t>(value->Size(), kMaxErrors);
      for (size_t i = 0; i < count; ++i) {
        Take(&(*value)[static_cast<rapidjson::SizeType>(i)], depth + 1);
      }
    }
    if (!value->IsObject()) return;
    TakeCodes(value);
    TakeTexts(value, depth);
    for (const absl::string_view name : kNested) {
      Take(Member(value, name), depth + 1);
    }
    // An error inside an answer.
    Take(Member(FirstElement(Member(value, "choices")), "error"), depth + 1);
    Take(Member(Member(value, "response"), "error"), depth + 1);
  }

  // A text that may be JSON itself, or end in it.
  void TakeText(absl::string_view text, int depth) {
    text = absl::StripAsciiWhitespace(text.substr(0, kMaxText));
    const size_t begin = text.find('{');
    const size_t end = text.rfind('}');
    if (begin != text.npos && end != text.npos && begin < end &&
        depth + 1 < kDeepest) {
      JsonParser parser;
      Collecting inner;
      inner.Take(parser.Parse(text.substr(begin, end + 1 - begin)), depth + 1);
      if (!inner.texts_.empty()) return Adopt(text.substr(0, begin), inner);
    }
    AddText(text);
  }

  bool empty() const {
    return texts_.empty() && codes_.empty() && numeric_code_ == 0;
  }

  ErrorWords Words() const {
    ErrorWords words;
    words.message = absl::StrJoin(texts_, "; ");
    words.search = absl::StrCat(absl::StrJoin(codes_, " "), "\n",
                                WithoutQuotes(words.message));
    words.numeric_code = numeric_code_;
    words.wait = wait_.has_value() ? wait_ : WaitInWords(words.search);
    return words;
  }

 private:
  void TakeCodes(const JsonValue* value) {
    for (const absl::string_view name : kCodes) {
      const JsonValue* code = Member(value, name);
      int64_t number = CountOf(code).value_or(0);
      const absl::string_view text = TextOf(code);
      if (number == 0 && !absl::SimpleAtoi(text, &number)) number = 0;
      if (numeric_code_ == 0 && number >= 100 && number < 600) {
        numeric_code_ = static_cast<int>(number);
      }
      constexpr size_t kMaxCode = 128;
      if (text.empty() || codes_.size() >= kMaxErrors * std::size(kCodes)) {
        continue;
      }
      codes_.push_back(absl::AsciiStrToLower(text.substr(0, kMaxCode)));
    }
    // The type google.rpc.RetryInfo.
    if (!wait_.has_value()) wait_ = DelayOf(Member(value, "retryDelay"));
  }

  // A protobuf duration: a text such as `1.2s`, or its two members.
  static std::optional<absl::Duration> DelayOf(const JsonValue* delay) {
    if (delay == nullptr || !delay->IsObject()) return WaitOf(TextOf(delay));
    const JsonValue* seconds = Member(delay, "seconds");
    const auto nanos = CountOf(Member(delay, "nanos")).value_or(0);
    int64_t whole = CountOf(seconds).value_or(0);
    if (whole == 0 && !absl::SimpleAtoi(TextOf(seconds), &whole)) whole = 0;
    return WaitOf(absl::StrCat(whole, "s ", nanos / 1'000'000, "ms"));
  }

  void TakeTexts(const JsonValue* value, int depth) {
    for (const absl::string_view name : kTexts) {
      const JsonValue* text = Member(value, name);
      if (text == nullptr) continue;
      const std::string place = PlaceOf(Member(value, "loc"));
      if (place.empty()) {
        Take(text, depth + 1);
      } else {
        AddText(absl::StrCat(place, ": ", TextOf(text)));
      }
    }
  }

  // The place in the request where FastAPI finds a fault, such as
  // `body.messages`.
  static std::string PlaceOf(const JsonValue* path) {
    if (path == nullptr || !path->IsArray()) return {};
    std::vector<std::string> steps;
    for (const JsonValue& step : path->GetArray()) {
      if (steps.size() == kMaxErrors) break;
      steps.push_back(step.IsString() ? std::string(TextOf(&step))
                                      : JsonOf(step).value_or(""));
    }
    return absl::StrJoin(steps, ".");
  }

  // Adopts what `inner` has found, after `before`.
  void Adopt(absl::string_view before, const Collecting& inner) {
    before = absl::StripTrailingAsciiWhitespace(before);
    AddText(before);
    for (const std::string& text : inner.texts_) AddText(text);
    codes_.insert(codes_.end(), inner.codes_.begin(), inner.codes_.end());
    if (numeric_code_ == 0) numeric_code_ = inner.numeric_code_;
    if (!wait_.has_value()) wait_ = inner.wait_;
  }

  void AddText(absl::string_view text) {
    const bool known =
        std::find(texts_.begin(), texts_.end(), text) != texts_.end();
    size_ += text.size();
    if (text.empty() || known || texts_.size() == kMaxErrors ||
        size_ > kMaxText) {
      return;
    }
    texts_.emplace_back(text);
  }

  std::vector<std::string> texts_;
  std::vector<std::string> codes_;
  size_t size_ = 0;
  int numeric_code_ = 0;
  std::optional<absl::Duration> wait_;
};

bool IsMemberName(absl::string_view word) {
  return std::find(std::begin(kCodes), std::end(kCodes), word) !=
             std::end(kCodes) ||
         std::find(std::begin(kTexts), std::end(kTexts), word) !=
             std::end(kTexts);
}

bool IsWord(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         static_cast<unsigned char>(c) >= 0x80;
}

struct Marks {
  absl::string_view opening;
  absl::string_view closing;
};
constexpr std::array<Marks, 7> kMarks = {{{"\"", "\""},
                                          {"`", "`"},
                                          {"'", "'"},
                                          {"\xe2\x80\x9c", "\xe2\x80\x9d"},
                                          {"\xe2\x80\x98", "\xe2\x80\x99"},
                                          {"\xc2\xab", "\xc2\xbb"},
                                          {"\xe3\x80\x8c", "\xe3\x80\x8d"}}};

// Returns the index of the mark in kMarks that opens a quotation at `at`;
// kMarks.size() if there is none.
size_t OpeningAt(absl::string_view text, size_t at) {
  for (size_t i = 0; i < kMarks.size(); ++i) {
    if (!absl::StartsWith(text.substr(at), kMarks[i].opening)) continue;
    const bool apostrophe =
        kMarks[i].opening == "'" && at > 0 && IsWord(text[at - 1]);
    return apostrophe ? kMarks.size() : i;
  }
  return kMarks.size();
}

// Returns the position where `closing` ends the quotation that begins at
// `from`.
size_t EndOfQuote(absl::string_view text, size_t from,
                  absl::string_view closing) {
  for (size_t at = text.find(closing, from); at != text.npos;
       at = text.find(closing, at + 1)) {
    const size_t after = at + closing.size();
    const bool apostrophe =
        closing == "'" && after < text.size() && IsWord(text[after]);
    if (!apostrophe && text[at - 1] != '\\') return at;
  }
  return text.npos;
}

}  // namespace

std::string WithoutQuotes(absl::string_view text) {
  std::string plain;
  // Whether a member's name was quoted and only a colon has come since.
  bool value_follows = false;
  // The marks that are known not to close any more, so that no search is
  // repeated.
  std::array<bool, kMarks.size() + 1> open_ended = {};
  open_ended.back() = true;
  for (size_t at = 0; at < text.size();) {
    const size_t mark = OpeningAt(text, at);
    size_t from = at;
    size_t end = text.npos;
    if (!open_ended[mark]) {
      from += kMarks[mark].opening.size();
      end = EndOfQuote(text, from, kMarks[mark].closing);
      open_ended[mark] = end == text.npos;
    }
    if (end == text.npos) {
      if (text[at] != ':' && text[at] != ' ') value_follows = false;
      plain += text[at++];
      continue;
    }
    const absl::string_view quoted = text.substr(from, end - from);
    absl::StrAppend(&plain, " ", value_follows ? quoted : "", " ");
    value_follows = !value_follows && IsMemberName(quoted);
    at = end + kMarks[mark].closing.size();
  }
  absl::AsciiStrToLower(&plain);
  absl::RemoveExtraAsciiWhitespace(&plain);
  return plain;
}

ErrorWords ReadErrorWords(absl::string_view body) {
  JsonParser parser;
  const JsonValue* root = parser.Parse(body);
  Collecting found;
  if (root != nullptr) {
    found.Take(root, 0);
    if (!found.empty()) {
      ErrorWords words = found.Words();
      if (words.message.empty()) words.message = std::string(body);
      return words;
    }
    ErrorWords words;
    if (root->IsObject() && root->MemberCount() > 0) {
      words.message = std::string(body.substr(0, kMaxText));
    }
    return words;
  }
  if (IsPage(body)) {
    // A page's words are for people and decide nothing.
    ErrorWords words;
    words.message = PageText(body);
    return words;
  }
  found.TakeText(body, 0);
  return found.Words();
}

}  // namespace holysheep
