#include "base/json.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/errors.h"
#include "rapidjson/error/en.h"
#include "rapidjson/memorystream.h"
#include "rapidjson/reader.h"
#include "rapidjson/stringbuffer.h"
#include "rapidjson/writer.h"

namespace holysheep {
namespace {

using rapidjson::SizeType;

// Recursive, which kMaxJsonDepth makes safe.
constexpr unsigned kParseFlags = rapidjson::kParseValidateEncodingFlag |
                                 rapidjson::kParseNumbersAsStringsFlag;

std::string Quote(absl::string_view text) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  writer.String(text.data(), static_cast<SizeType>(text.size()));
  return std::string(buffer.GetString(), buffer.GetSize());
}

// Builds the canonical text from the inside out while the parser walks, and
// notes where the members of the outermost object are.
class Canonicalizer {
 public:
  explicit Canonicalizer(absl::string_view text)
      : text_(text), stream_(text.data(), text.size()) {}

  absl::Status Parse() {
    rapidjson::Reader reader;
    reader.Parse<kParseFlags>(stream_, *this);
    if (error_ == nullptr && reader.HasParseError()) {
      error_ = rapidjson::GetParseError_En(reader.GetParseErrorCode());
    }
    // The parser takes a NUL for the end of the text.
    if (error_ == nullptr && stream_.Tell() != text_.size()) {
      error_ = "Unexpected NUL.";
    }
    if (error_ == nullptr) return absl::OkStatus();
    const size_t offset =
        reader.HasParseError() ? reader.GetErrorOffset() : stream_.Tell();
    return MakeError(
        Reason::kInvalidArgument,
        absl::StrCat("not valid JSON at byte ", offset, ": ", error_));
  }

  std::string TakeResult() { return std::move(result_); }
  std::vector<JsonMember> TakeMembers() { return std::move(members_); }

  // What the parser calls; false ends it.
  bool Null() { return Add("null"); }
  bool Bool(bool value) { return Add(value ? "true" : "false"); }
  bool RawNumber(const char* text, SizeType size, bool /*copy*/) {
    return Add(std::string(text, size));
  }
  bool String(const char* text, SizeType size, bool /*copy*/) {
    return Add(Quote({text, size}));
  }
  bool StartObject() { return Open(/*object=*/true); }
  bool StartArray() { return Open(/*object=*/false); }
  bool Key(const char* text, SizeType size, bool /*copy*/) {
    open_.back().key = std::string(text, size);
    if (open_.size() == 1) value_begin_ = stream_.Tell();
    return true;
  }
  bool EndObject(SizeType /*count*/);
  bool EndArray(SizeType /*count*/);

  // Numbers come as text, so the parser never calls these.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(int64_t) { return false; }
  bool Uint64(uint64_t) { return false; }
  bool Double(double) { return false; }

 private:
  // An object or array that has begun: its members, or its text so far.
  struct Level {
    bool object;
    std::string key;
    std::vector<std::pair<std::string, std::string>> members;
    std::string elements;
  };

  bool Open(bool object) {
    open_.push_back({object, {}, {}, {}});
    return open_.size() <= kMaxJsonDepth || Fail("Nested too deeply.");
  }

  bool Add(std::string value) {
    if (open_.empty()) {
      result_ = std::move(value);
      return true;
    }
    if (++values_ > kMaxJsonValues) return Fail("Too many values.");
    Level& level = open_.back();
    if (!level.object) {
      absl::StrAppend(&level.elements, level.elements.empty() ? "" : ",",
                      value);
      return true;
    }
    if (open_.size() == 1) NoteMember();
    level.members.emplace_back(std::move(level.key), std::move(value));
    level.key.clear();
    return true;
  }

  // The parser stands behind a value of the outermost object.
  void NoteMember() {
    absl::string_view value =
        text_.substr(value_begin_, stream_.Tell() - value_begin_);
    value.remove_prefix(value.find(':') + 1);
    members_.push_back(
        {open_.back().key, absl::StripLeadingAsciiWhitespace(value)});
  }

  bool Fail(const char* error) {
    error_ = error;
    return false;
  }

  const absl::string_view text_;
  rapidjson::MemoryStream stream_;
  const char* error_ = nullptr;
  size_t value_begin_ = 0;
  int values_ = 0;
  std::vector<Level> open_;
  std::vector<JsonMember> members_;
  std::string result_;
};

bool Canonicalizer::EndObject(SizeType /*count*/) {
  auto members = std::move(open_.back().members);
  open_.pop_back();
  std::sort(members.begin(), members.end());
  std::string text = "{";
  for (size_t i = 0; i < members.size(); ++i) {
    if (i > 0 && members[i].first == members[i - 1].first) {
      return Fail("A member is there twice.");
    }
    absl::StrAppend(&text, i > 0 ? "," : "", Quote(members[i].first), ":",
                    members[i].second);
  }
  return Add(text + "}");
}

bool Canonicalizer::EndArray(SizeType /*count*/) {
  const std::string elements = std::move(open_.back().elements);
  open_.pop_back();
  return Add(absl::StrCat("[", elements, "]"));
}

absl::Status CheckIsObject(absl::string_view text) {
  const absl::string_view start = absl::StripLeadingAsciiWhitespace(text);
  if (!start.empty() && start[0] == '{') return absl::OkStatus();
  return MakeError(
      Reason::kInvalidArgument,
      absl::StrCat("not a JSON object at byte ", text.size() - start.size()));
}

}  // namespace

absl::StatusOr<std::string> CanonicalJson(absl::string_view text) {
  Canonicalizer canonicalizer(text);
  if (absl::Status status = canonicalizer.Parse(); !status.ok()) return status;
  return canonicalizer.TakeResult();
}

absl::Status CheckJsonObject(absl::string_view text) {
  if (absl::Status status = CheckIsObject(text); !status.ok()) return status;
  return Canonicalizer(text).Parse();
}

absl::StatusOr<std::vector<JsonMember>> JsonMembers(absl::string_view text) {
  if (absl::Status status = CheckIsObject(text); !status.ok()) return status;
  Canonicalizer canonicalizer(text);
  if (absl::Status status = canonicalizer.Parse(); !status.ok()) return status;
  return canonicalizer.TakeMembers();
}

std::string JsonObject(const std::vector<JsonMember>& members) {
  std::string text = "{";
  for (const JsonMember& member : members) {
    absl::StrAppend(&text, text.size() > 1 ? "," : "", Quote(member.name), ":",
                    member.value);
  }
  return text + "}";
}

std::string FoldedName(absl::string_view name) {
  return absl::AsciiStrToLower(
      absl::StrReplaceAll(name, {{"\xC5\xBF", "s"}, {"\xE2\x84\xAA", "k"}}));
}

}  // namespace holysheep
