#include "json/json.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "rapidjson/error/en.h"
#include "rapidjson/memorystream.h"
#include "rapidjson/reader.h"
#include "rapidjson/stringbuffer.h"
#include "rapidjson/writer.h"

namespace holysheep {
namespace {

using rapidjson::SizeType;

// Recursive, like Outline::Write, which kMaxJsonDepth makes safe.
constexpr unsigned kParseFlags = rapidjson::kParseValidateEncodingFlag |
                                 rapidjson::kParseNumbersAsStringsFlag;

constexpr char kNoUtf8[] = "Half a surrogate pair in a string.";

std::string Quote(absl::string_view text) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  writer.String(text.data(), static_cast<SizeType>(text.size()));
  return std::string(buffer.GetString(), buffer.GetSize());
}

// Whether `text` holds the second half of a surrogate pair alone, which the
// parser lets pass as an escape.
bool HoldsHalfAPair(absl::string_view text) {
  for (size_t at = text.find('\xED'); at != absl::string_view::npos;
       at = text.find('\xED', at + 1)) {
    if (static_cast<unsigned char>(text[at + 1]) >= 0xA0) return true;
  }
  return false;
}

// What a text holds, in its order: an object or array, then what is in it.
// Views are into the text, or into Outline::made_.
struct Node {
  enum class Kind : uint8_t { kScalar, kArray, kObject };
  Kind kind;
  // Behind the last node of what is in it.
  uint32_t end;
  // Without escapes; only in objects.
  absl::string_view key;
  // The canonical form of a scalar.
  absl::string_view value;
};

// Goes through a text once; how deep it is nested does not matter, since
// nothing is copied from level to level.
class Outline {
 public:
  explicit Outline(absl::string_view text)
      : text_(text), stream_(text.data(), text.size()) {}

  absl::Status Parse();
  // REQUIRES: Parse was OK.
  std::string Canonical() const;
  std::vector<JsonMember> TakeMembers() { return std::move(members_); }

  // What the parser calls; false ends it.
  bool Null() { return AddScalar("null"); }
  bool Bool(bool value) { return AddScalar(value ? "true" : "false"); }
  bool RawNumber(const char * /*text*/, SizeType size, bool /*copy*/) {
    return AddScalar(text_.substr(stream_.Tell() - size, size));
  }
  bool String(const char *text, SizeType size, bool /*copy*/);
  bool StartObject() { return Open(Node::Kind::kObject); }
  bool StartArray() { return Open(Node::Kind::kArray); }
  bool Key(const char *text, SizeType size, bool /*copy*/);
  bool EndObject(SizeType /*count*/) { return Close(); }
  bool EndArray(SizeType /*count*/) { return Close(); }

  // Numbers come as text, so the parser never calls these.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(int64_t) { return false; }
  bool Uint64(uint64_t) { return false; }
  bool Double(double) { return false; }

 private:
  bool AddScalar(absl::string_view value) {
    return Add(Node::Kind::kScalar, value) && Ended();
  }
  bool Add(Node::Kind kind, absl::string_view value);
  bool Open(Node::Kind kind);
  bool Close();
  bool Ended();
  void NoteMember();
  // The string that ends where the parser is, if it has no escapes, as it
  // stands in the text; none otherwise.
  std::optional<absl::string_view> Unescaped(SizeType size) const;
  absl::string_view Keep(std::string made) {
    return made_.emplace_back(std::move(made));
  }
  // The nodes directly in `parent`, members sorted by their names.
  std::vector<uint32_t> Children(uint32_t parent) const;
  bool HasTwins(uint32_t parent) const;
  void Write(uint32_t index, std::string &out) const;

  bool Fail(const char *error) {
    error_ = error;
    return false;
  }
  absl::Status Error(size_t offset) const {
    return MakeError(
        Reason::kInvalidArgument,
        absl::StrCat("not valid JSON at byte ", offset, ": ", error_));
  }
  const absl::string_view text_;
  rapidjson::MemoryStream stream_;
  const char *error_ = nullptr;
  absl::string_view key_;
  // The member of the outermost object that the parser is in.
  absl::string_view member_;
  size_t value_begin_ = 0;
  std::vector<Node> nodes_;
  // Those of the nodes that have not ended.
  std::vector<uint32_t> open_;
  std::deque<std::string> made_;
  std::vector<JsonMember> members_;
};

absl::Status Outline::Parse() {
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
  return Error(reader.HasParseError() ? reader.GetErrorOffset()
                                      : stream_.Tell());
}

bool Outline::String(const char *text, SizeType size, bool /*copy*/) {
  const auto plain = Unescaped(size);
  // With its quotes.
  if (plain.has_value()) return AddScalar({plain->data() - 1, size + 2u});
  if (HoldsHalfAPair({text, size})) return Fail(kNoUtf8);
  return AddScalar(Keep(Quote({text, size})));
}

bool Outline::Key(const char *text, SizeType size, bool /*copy*/) {
  const auto plain = Unescaped(size);
  if (!plain.has_value() && HoldsHalfAPair({text, size})) return Fail(kNoUtf8);
  key_ = plain.has_value() ? *plain : Keep(std::string(text, size));
  if (open_.size() == 1) {
    member_ = key_;
    value_begin_ = stream_.Tell();
  }
  return true;
}

std::optional<absl::string_view> Outline::Unescaped(SizeType size) const {
  const size_t end = stream_.Tell() - 1;
  if (end <= size || text_[end - size - 1] != '"') return std::nullopt;
  const absl::string_view plain = text_.substr(end - size, size);
  // An escape before it would have made the string longer.
  if (plain.find('\\') != absl::string_view::npos) return std::nullopt;
  return plain;
}

bool Outline::Add(Node::Kind kind, absl::string_view value) {
  if (nodes_.size() > kMaxJsonValues) return Fail("Too many values.");
  nodes_.push_back(
      {kind, static_cast<uint32_t>(nodes_.size() + 1), key_, value});
  return true;
}

bool Outline::Open(Node::Kind kind) {
  if (open_.size() == kMaxJsonDepth) return Fail("Nested too deeply.");
  open_.push_back(static_cast<uint32_t>(nodes_.size()));
  return Add(kind, {});
}

bool Outline::Close() {
  const uint32_t closed = open_.back();
  open_.pop_back();
  nodes_[closed].end = static_cast<uint32_t>(nodes_.size());
  if (HasTwins(closed)) return Fail("A member occurs twice.");
  return Ended();
}

// The parser stands behind a value.
bool Outline::Ended() {
  if (open_.size() == 1 && nodes_.front().kind == Node::Kind::kObject) {
    NoteMember();
  }
  return true;
}

void Outline::NoteMember() {
  absl::string_view value =
      text_.substr(value_begin_, stream_.Tell() - value_begin_);
  value.remove_prefix(value.find(':') + 1);
  members_.push_back(
      {std::string(member_), absl::StripLeadingAsciiWhitespace(value)});
}

std::vector<uint32_t> Outline::Children(uint32_t parent) const {
  std::vector<uint32_t> children;
  const uint32_t end = nodes_[parent].end;
  for (uint32_t i = parent + 1; i < end; i = nodes_[i].end) {
    children.push_back(i);
  }
  if (nodes_[parent].kind == Node::Kind::kObject) {
    std::sort(children.begin(), children.end(), [this](uint32_t a, uint32_t b) {
      return nodes_[a].key < nodes_[b].key;
    });
  }
  return children;
}

bool Outline::HasTwins(uint32_t parent) const {
  if (nodes_[parent].kind != Node::Kind::kObject) return false;
  absl::flat_hash_set<absl::string_view> names;
  const uint32_t end = nodes_[parent].end;
  for (uint32_t i = parent + 1; i < end; i = nodes_[i].end) {
    if (!names.insert(nodes_[i].key).second) return true;
  }
  return false;
}

void Outline::Write(uint32_t index, std::string &out) const {
  const Node &node = nodes_[index];
  if (node.kind == Node::Kind::kScalar) {
    absl::StrAppend(&out, node.value);
    return;
  }
  const bool object = node.kind == Node::Kind::kObject;
  out += object ? '{' : '[';
  bool first = true;
  for (const uint32_t child : Children(index)) {
    if (!std::exchange(first, false)) out += ',';
    if (object) absl::StrAppend(&out, Quote(nodes_[child].key), ":");
    Write(child, out);
  }
  out += object ? '}' : ']';
}

std::string Outline::Canonical() const {
  std::string out;
  out.reserve(text_.size());
  Write(0, out);
  return out;
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
  Outline outline(text);
  if (absl::Status status = outline.Parse(); !status.ok()) return status;
  return outline.Canonical();
}

absl::Status CheckJsonObject(absl::string_view text) {
  if (absl::Status status = CheckIsObject(text); !status.ok()) return status;
  return Outline(text).Parse();
}

absl::StatusOr<std::vector<JsonMember>> JsonMembers(absl::string_view text) {
  if (absl::Status status = CheckIsObject(text); !status.ok()) return status;
  Outline outline(text);
  if (absl::Status status = outline.Parse(); !status.ok()) return status;
  return outline.TakeMembers();
}

std::string JsonObject(const std::vector<JsonMember> &members) {
  std::string text = "{";
  for (const JsonMember &member : members) {
    absl::StrAppend(&text, text.size() > 1 ? "," : "", Quote(member.name), ":",
                    member.value);
  }
  return text + "}";
}

}  // namespace holysheep
