#include "upstream/json_dom.h"

#include "rapidjson/memorystream.h"
#include "rapidjson/reader.h"
#include "rapidjson/stringbuffer.h"
#include "rapidjson/writer.h"

namespace holysheep {
namespace {

constexpr int kMaxCopiedDepth = 64;
// Not in full precision, whose code in RapidJSON 1.1 mistreats 0e-9. No number
// of an answer needs the last bit.
constexpr unsigned kParseFlags =
    rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;

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
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return std::string(buffer.GetString(), buffer.GetSize());
}

bool IsJson(absl::string_view text) {
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::BaseReaderHandler<> nobody;
  rapidjson::Reader reader;
  // The parser takes a NUL for the end.
  return !reader.Parse<kParseFlags>(stream, nobody).IsError() &&
         stream.Tell() == text.size();
}

JsonParser::JsonParser()
    : values_(value_memory_, kPoolBytes), stack_(stack_memory_, kPoolBytes) {}

const JsonValue* JsonParser::Parse(absl::string_view text) {
  document_.reset();
  values_.Clear();
  stack_.Clear();
  // The parser would take a NUL for the end.
  if (text.find('\0') != absl::string_view::npos) return nullptr;
  text_.assign(text.data(), text.size());
  // Of a character that the end has cut, RapidJSON 1.1 reads all bytes.
  text_.append(4, '\0');
  document_.emplace(&values_, 1024, &stack_);
  document_->ParseInsitu<kParseFlags>(text_.data());
  return document_->HasParseError() ? nullptr : &*document_;
}

}  // namespace holysheep
