#include "json/json_dom.h"

#include <cmath>

#include "absl/strings/numbers.h"
#include "base/utf8.h"
#include "rapidjson/memorystream.h"
#include "rapidjson/reader.h"
#include "rapidjson/stringbuffer.h"
#include "rapidjson/writer.h"

namespace holysheep {
namespace {

// Deep enough for any real value, and JsonOf recurses.
constexpr int kMaxCopiedDepth = 64;
// Not in full precision, whose code in RapidJSON 1.1 mistreats 0e-9; the last
// bit of a number in an answer does not matter.
constexpr unsigned kDomFlags =
    rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;

// Writes null for NaN and Infinity, which JSON cannot express.
class FiniteWriter : public rapidjson::Writer<rapidjson::StringBuffer> {
 public:
  using Writer::Writer;
  bool Double(double value) {
    return std::isfinite(value) ? Writer::Double(value) : Null();
  }
};

// The code of the escape sequence `\uXXXX` that `text` begins with, if it is a
// half of a surrogate pair; else 0.
uint32_t HalfIn(absl::string_view text) {
  constexpr size_t kDigits = 4;
  if (text.size() < 2 + kDigits || text[0] != '\\' || text[1] != 'u') return 0;
  uint32_t code = 0;
  if (!absl::SimpleHexAtoi(text.substr(2, kDigits), &code)) return 0;
  return (code & 0xF800) == 0xD800 ? code : 0;
}

bool IsPair(uint32_t first, uint32_t second) {
  return first != 0 && first < 0xDC00 && second >= 0xDC00;
}

// Writes the halves of surrogate pairs that stand alone as bytes, since the
// parser refuses them. `text` gets shorter.
void UnescapeHalves(std::string& text) {
  constexpr size_t kEscape = 6;
  size_t begin = text.find('\\');
  if (begin == std::string::npos) return;
  size_t end = begin;
  while (begin < text.size()) {
    const absl::string_view rest = absl::string_view(text).substr(begin);
    const uint32_t half = HalfIn(rest);
    size_t taken = rest[0] == '\\' && rest.size() > 1 ? 2 : 1;
    if (IsPair(half, half == 0 ? 0 : HalfIn(rest.substr(kEscape)))) {
      taken = 2 * kEscape;
    } else if (half != 0) {
      text[end++] = '\xED';
      text[end++] = static_cast<char>(0x80 | (half >> 6 & 0x3F));
      text[end++] = static_cast<char>(0x80 | (half & 0x3F));
      begin += kEscape;
      continue;
    }
    for (; taken > 0; --taken) text[end++] = text[begin++];
  }
  text.resize(end);
}

}  // namespace

bool IsDeeperThan(const JsonValue& value, int levels) {
  if (levels == 0) return true;
  if (value.IsArray()) {
    for (const JsonValue& element : value.GetArray()) {
      if (IsDeeperThan(element, levels - 1)) return true;
    }
  } else if (value.IsObject()) {
    for (const auto& member : value.GetObject()) {
      if (IsDeeperThan(member.value, levels - 1)) return true;
    }
  }
  return false;
}

const JsonValue* Member(const JsonValue* value, absl::string_view name) {
  if (value == nullptr || !value->IsObject()) return nullptr;
  const auto found = value->FindMember(JsonValue(rapidjson::StringRef(
      name.data(), static_cast<rapidjson::SizeType>(name.size()))));
  if (found == value->MemberEnd() || found->value.IsNull()) return nullptr;
  return &found->value;
}

const JsonValue* FirstElement(const JsonValue* value) {
  if (value == nullptr || !value->IsArray() || value->Empty()) return nullptr;
  return value->Begin();
}

absl::string_view TextOf(const JsonValue* value) {
  if (value == nullptr || !value->IsString()) return {};
  return {value->GetString(), value->GetStringLength()};
}

std::optional<int64_t> CountOf(const JsonValue* value) {
  if (value == nullptr) return std::nullopt;
  if (value->IsInt64() && value->GetInt64() >= 0) return value->GetInt64();
  // Some upstreams write 12.0.
  if (value->IsDouble() && value->GetDouble() >= 0 &&
      value->GetDouble() <= 9e15) {
    return static_cast<int64_t>(value->GetDouble());
  }
  return std::nullopt;
}

std::optional<std::string> JsonOf(const JsonValue& value) {
  if (IsDeeperThan(value, kMaxCopiedDepth)) return std::nullopt;
  rapidjson::StringBuffer buffer;
  FiniteWriter writer(buffer);
  value.Accept(writer);
  return ValidUtf8({buffer.GetString(), buffer.GetSize()});
}

bool IsJson(absl::string_view text) {
  std::string whole(text);
  UnescapeHalves(whole);
  rapidjson::MemoryStream stream(whole.data(), whole.size());
  rapidjson::BaseReaderHandler<> nobody;
  rapidjson::Reader reader;
  // The parser takes a NUL for the end of the text.
  return !reader.Parse<rapidjson::kParseIterativeFlag>(stream, nobody)
              .IsError() &&
         stream.Tell() == whole.size();
}

JsonParser::JsonParser()
    : values_(value_memory_, kPoolBytes), stack_(stack_memory_, kPoolBytes) {}

bool JsonParser::Begin(absl::string_view text) {
  document_.reset();
  values_.Clear();
  stack_.Clear();
  // The parser would take a NUL for the end of the text.
  if (text.find('\0') != absl::string_view::npos) return false;
  text_.assign(text.data(), text.size());
  // RapidJSON 1.1 reads all bytes of the last character, even if the text ends
  // within it.
  text_.append(4, '\0');
  document_.emplace(&values_, 1024, &stack_);
  return true;
}

const JsonValue* JsonParser::Parse(absl::string_view text) {
  if (!Begin(text)) return nullptr;
  document_->ParseInsitu<kDomFlags>(text_.data());
  return document_->HasParseError() ? nullptr : &*document_;
}

const JsonValue* JsonParser::ParseLiberally(absl::string_view text) {
  if (!Begin(text)) return nullptr;
  UnescapeHalves(text_);
  constexpr unsigned kFlags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseNanAndInfFlag;
  document_->ParseInsitu<kFlags>(text_.data());
  return document_->HasParseError() ? nullptr : &*document_;
}

}  // namespace holysheep
