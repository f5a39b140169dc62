#include "openai/reading/opaque_member.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/utf8.h"

namespace holysheep {
namespace {

// No answer's own object has more; each costs memory besides its text.
constexpr size_t kMaxGroup = 64;

// The members of OpenAI's `audio` that come in pieces.
bool IsLongText(absl::string_view name) {
  return name == "data" || name == "transcript";
}

}  // namespace

bool OpaqueMember::Add(const JsonValue& piece, Join join, size_t& room) {
  if (join == Join::kGroup && piece.IsObject()) return AddGroup(piece, room);
  const bool is_list = join == Join::kAppend || join == Join::kGrow;
  if (is_list && piece.IsArray()) return AddElements(piece, join, room);
  std::optional<std::string> json = JsonOf(piece);
  return json.has_value() && Replace(*std::move(json), Kind::kWhole, room);
}

bool OpaqueMember::AddElements(const JsonValue& list, Join join, size_t& room) {
  const std::optional<std::string> json = JsonOf(list);
  if (!json.has_value()) return false;
  // Without its brackets.
  const absl::string_view added =
      absl::string_view(*json).substr(1, json->size() - 2);
  if (kind_ != Kind::kList || text_.empty()) {
    return Replace(std::string(added), Kind::kList, room);
  }
  if (join == Join::kGrow && absl::StartsWith(added, text_) &&
      (added.size() == text_.size() || added[text_.size()] == ',')) {
    return Replace(std::string(added), Kind::kList, room);
  }
  if (added.empty()) return true;
  if (added.size() + 1 > room) return false;
  room -= added.size() + 1;
  absl::StrAppend(&text_, ",", added);
  return true;
}

bool OpaqueMember::AddGroup(const JsonValue& group, size_t& room) {
  kind_ = Kind::kGroup;
  bool fits = true;
  for (const auto& member : group.GetObject()) {
    if (member.value.IsNull()) continue;
    const std::string name = ValidUtf8(TextOf(&member.name));
    const bool is_new = group_.count(name) == 0;
    if (is_new && (group_.size() >= kMaxGroup || name.size() > room)) {
      fits = false;
      continue;
    }
    if (is_new) room -= name.size();
    OpaqueMember& part = group_[name];
    if (IsLongText(name) && member.value.IsString()) {
      fits = part.AddText(TextOf(&member.value), room) && fits;
    } else {
      fits = part.Add(member.value, Join::kAppend, room) && fits;
    }
    if (part.is_empty()) group_.erase(name);
  }
  return fits;
}

bool OpaqueMember::AddText(absl::string_view text, size_t& room) {
  if (text.size() > room) return false;
  kind_ = Kind::kText;
  room -= text.size();
  text_.append(text.data(), text.size());
  return true;
}

bool OpaqueMember::Replace(std::string text, Kind kind, size_t& room) {
  if (text.size() > room + text_.size()) return false;
  room = room + text_.size() - text.size();
  kind_ = kind;
  text_ = std::move(text);
  return true;
}

void OpaqueMember::Write(JsonWriter& writer) const {
  switch (kind_) {
    case Kind::kWhole:
      writer.RawValue(text_.data(), text_.size(), rapidjson::kObjectType);
      return;
    case Kind::kList: {
      const std::string list = absl::StrCat("[", text_, "]");
      writer.RawValue(list.data(), list.size(), rapidjson::kArrayType);
      return;
    }
    case Kind::kText:
      WriteText(writer, ValidUtf8(text_));
      return;
    case Kind::kGroup:
      break;
  }
  writer.StartObject();
  for (const auto& [name, part] : group_) {
    WriteKey(writer, name);
    part.Write(writer);
  }
  writer.EndObject();
}

}  // namespace holysheep
