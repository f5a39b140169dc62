#pragma once

#include "absl/strings/string_view.h"
#include "rapidjson/stringbuffer.h"
#include "rapidjson/writer.h"

// Writes JSON straight into a buffer. Texts must be valid UTF-8; the writer
// escapes them.
namespace holysheep {

using JsonBuffer = rapidjson::StringBuffer;
using JsonWriter = rapidjson::Writer<JsonBuffer>;

// Writes a string value.
inline void WriteText(JsonWriter& writer, absl::string_view text) {
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

// Writes a member's name; its value must follow.
inline void WriteKey(JsonWriter& writer, absl::string_view name) {
  writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
}

// Writes a member whose value is a string.
inline void WriteMember(JsonWriter& writer, absl::string_view name,
                        absl::string_view text) {
  WriteKey(writer, name);
  WriteText(writer, text);
}

// REQUIRES: `json` is valid JSON. Writes a member whose value is copied
// unchanged.
inline void WriteRawMember(JsonWriter& writer, absl::string_view name,
                           absl::string_view json) {
  WriteKey(writer, name);
  writer.RawValue(json.data(), json.size(), rapidjson::kObjectType);
}

}  // namespace holysheep
