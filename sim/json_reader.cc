#include "sim/json_reader.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "rapidjson/error/en.h"
#include "rapidjson/stringbuffer.h"
#include "rapidjson/writer.h"

namespace holysheep::sim {

std::string JsonQuote(absl::string_view text) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  return std::string(buffer.GetString(), buffer.GetSize());
}

absl::StatusOr<rapidjson::Document> ParseJson(absl::string_view text) {
  rapidjson::Document document;
  // Iterative: a deeply nested body must not overflow the stack.
  document.Parse<rapidjson::kParseIterativeFlag |
                 rapidjson::kParseValidateEncodingFlag>(text.data(),
                                                        text.size());
  if (document.HasParseError()) {
    return MakeError(
        Reason::kInvalidArgument,
        absl::StrCat(rapidjson::GetParseError_En(document.GetParseError()),
                     " (at byte ", document.GetErrorOffset(), ")"));
  }
  return document;
}

ObjectReader::ObjectReader(const rapidjson::Value& value,
                           absl::string_view path)
    : value_(value), path_(path) {
  if (!value.IsObject()) status_ = InvalidField(path, "must be an object");
}

const rapidjson::Value* ObjectReader::Take(const char* name) {
  known_.push_back(name);
  if (!value_.IsObject()) return nullptr;
  const auto member = value_.FindMember(name);
  return member == value_.MemberEnd() ? nullptr : &member->value;
}

void ObjectReader::Read(const char* name, std::string& out) {
  const rapidjson::Value* value = Take(name);
  if (value == nullptr) return;
  if (!value->IsString()) return Fail(name, "must be a string");
  out.assign(value->GetString(), value->GetStringLength());
}

void ObjectReader::Read(const char* name, bool& out) {
  const rapidjson::Value* value = Take(name);
  if (value == nullptr) return;
  if (!value->IsBool()) return Fail(name, "must be true or false");
  out = value->GetBool();
}

void ObjectReader::Read(const char* name, int& out) {
  const rapidjson::Value* value = Take(name);
  if (value == nullptr) return;
  if (!value->IsInt() || value->GetInt() < -1 || value->GetInt() > kMaxCount) {
    return Fail(name, absl::StrCat("must be an integer up to ", kMaxCount));
  }
  out = value->GetInt();
}

void ObjectReader::Read(const char* name, double& out) {
  const rapidjson::Value* value = Take(name);
  if (value == nullptr) return;
  if (!value->IsNumber()) return Fail(name, "must be a number");
  out = value->GetDouble();
}

void ObjectReader::Read(const char* name, absl::Duration& out) {
  double milliseconds = absl::ToDoubleMilliseconds(out);
  Read(name, milliseconds);
  if (milliseconds < 0 || absl::Milliseconds(milliseconds) > kMaxTime) {
    return Fail(name, "must be 0 to 3600000 milliseconds");
  }
  out = absl::Milliseconds(milliseconds);
}

void ObjectReader::Read(const char* name, std::vector<std::string>& out) {
  const rapidjson::Value* value = Take(name);
  if (value == nullptr) return;
  if (!value->IsArray()) return Fail(name, "must be a list of strings");
  out.clear();
  for (const rapidjson::Value& item : value->GetArray()) {
    if (!item.IsString()) return Fail(name, "must be a list of strings");
    out.emplace_back(item.GetString(), item.GetStringLength());
  }
}

std::string ObjectReader::PathOf(absl::string_view name) const {
  return path_.empty() ? std::string(name) : absl::StrCat(path_, ".", name);
}

void ObjectReader::Fail(absl::string_view name, absl::string_view message) {
  Update(InvalidField(PathOf(name), message));
}

void ObjectReader::Update(const absl::Status& status) {
  if (status_.ok()) status_ = status;
}

absl::Status ObjectReader::Finish() {
  if (!status_.ok() || !value_.IsObject()) return status_;
  for (const auto& member : value_.GetObject()) {
    const absl::string_view name(member.name.GetString(),
                                 member.name.GetStringLength());
    if (std::find(known_.begin(), known_.end(), name) == known_.end()) {
      Fail(name, "is not known");
    }
  }
  return status_;
}

}  // namespace holysheep::sim
