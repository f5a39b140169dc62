#include "openai/opaque_parts.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/utf8.h"
#include "chat/opaque_json.h"
#include "json/json.h"
#include "json/json_writer.h"

namespace holysheep {
namespace {

// Each member costs memory besides its text.
constexpr size_t kMaxMembers = 64;
constexpr size_t kMaxLost = 8;
constexpr size_t kMaxShownPart = 64;
// The depth to which a value is searched for something that it says.
constexpr int kDeepestNothing = 4;

// Whether `value` is null, false or empty, or holds only such values.
bool IsEmptyPart(const JsonValue& value, int levels = kDeepestNothing) {
  if (value.IsNull() || value.IsFalse()) return true;
  if (value.IsString()) return value.GetStringLength() == 0;
  if (levels == 0) return false;
  if (value.IsArray()) {
    return std::all_of(value.Begin(), value.End(), [=](const JsonValue& each) {
      return IsEmptyPart(each, levels - 1);
    });
  }
  if (!value.IsObject()) return false;
  return std::all_of(
      value.MemberBegin(), value.MemberEnd(),
      [=](const auto& each) { return IsEmptyPart(each.value, levels - 1); });
}

OpaqueMember::Join JoinOf(PartUse use) {
  switch (use) {
    case PartUse::kList:
      return OpaqueMember::Join::kAppend;
    case PartUse::kWhole:
      return OpaqueMember::Join::kLast;
    case PartUse::kGroup:
      return OpaqueMember::Join::kGroup;
    default:
      return OpaqueMember::Join::kGrow;
  }
}

void WriteMembers(const std::map<std::string, OpaqueMember>& members,
                  JsonWriter& writer) {
  for (const auto& [name, member] : members) {
    WriteKey(writer, name);
    member.Write(writer);
  }
}

// Whether the intake would accept the member, which may hold a duplicate name.
bool IsAccepted(const std::string& name, const OpaqueMember& member) {
  JsonBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  WriteKey(writer, name);
  member.Write(writer);
  writer.EndObject();
  return CheckJsonObject({buffer.GetString(), buffer.GetSize()}).ok();
}

}  // namespace

// Invariants: `room_` is what may still be collected; what is collected never
// has more than it. A name is either in sent_back_ or in for_caller_.

OpaqueParts::OpaqueParts(size_t max_bytes)
    : room_(std::min(max_bytes, kMaxBytes)) {}

void OpaqueParts::AddMessage(const JsonValue& message) {
  AddMembers(message, PartPlace::kMessage);
}

void OpaqueParts::AddChoice(const JsonValue& choice) {
  AddMembers(choice, PartPlace::kChoice);
}

void OpaqueParts::AddAnswer(const JsonValue& answer) {
  AddMembers(answer, PartPlace::kAnswer);
}

// The one walk over the members of a chunk: almost all are passed over.
void OpaqueParts::AddMembers(const JsonValue& value, PartPlace place) {
  for (const auto& member : value.GetObject()) {
    if (member.value.IsNull()) continue;
    const absl::string_view name = TextOf(&member.name);
    const PartUse use = UseOf(name, place);
    if (use == PartUse::kPassOver || IsEmptyPart(member.value)) continue;
    const bool is_scalar = member.value.IsNumber() || member.value.IsBool();
    if (is_scalar && place != PartPlace::kMessage) continue;
    const bool is_content = place == PartPlace::kMessage &&
                            (use != PartUse::kOther || IsContent(name));
    if (is_content) ++said_;
    Add(name, member.value, use);
  }
}

void OpaqueParts::AddPart(const JsonValue& part) {
  ++said_;
  JsonValue list(rapidjson::kArrayType);
  rapidjson::MemoryPoolAllocator<> memory;
  list.PushBack(JsonValue(part, memory), memory);
  Add("content_parts", list, PartUse::kOther);
}

void OpaqueParts::Add(absl::string_view name, const JsonValue& value,
                      PartUse use) {
  if (HasOwnField(name) || name == kForCallerOnly) return Lose(name);
  const bool is_sent_back = use == PartUse::kList || use == PartUse::kWhole;
  Members& members = is_sent_back ? sent_back_ : for_caller_;
  const std::string key = ValidUtf8(name);
  if ((is_sent_back ? for_caller_ : sent_back_).count(key) > 0) {
    return Lose(name);
  }
  if (lost_.count(BoundedUtf8(name, kMaxShownPart)) > 0) return;
  const auto found = members.find(key);
  if (found != members.end()) {
    if (!found->second.Add(value, JoinOf(use), room_)) Lose(name);
    return;
  }
  // Its name twice, since it is listed.
  const size_t cost = 2 * key.size();
  if (members.size() >= kMaxMembers || cost > room_) return Lose(name);
  OpaqueMember member;
  if (!member.Add(value, JoinOf(use), room_)) Lose(name);
  if (member.is_empty()) return;
  room_ -= std::min(cost, room_);
  members.emplace(key, std::move(member));
}

void OpaqueParts::AddToolCall(absl::string_view id, const JsonValue& call) {
  for (const auto& each : call.GetObject()) {
    const absl::string_view name = TextOf(&each.name);
    if (each.value.IsNull() ||
        UseOf(name, PartPlace::kMessage) != PartUse::kWhole) {
      continue;
    }
    ++said_;
    OpaqueMember member;
    if (!member.Add(each.value, OpaqueMember::Join::kLast, room_)) {
      Lose(name);
      continue;
    }
    calls_[std::string(id)].insert_or_assign(std::string(name),
                                             std::move(member));
  }
}

void OpaqueParts::Lose(absl::string_view name) {
  if (lost_.size() < kMaxLost) lost_.insert(BoundedUtf8(name, kMaxShownPart));
}

OpaqueParts::Written OpaqueParts::Write() {
  Written written;
  if (!sent_back_.empty() || !for_caller_.empty() || !calls_.empty()) {
    written.json = Json();
    if (!CheckJsonObject(written.json).ok()) {
      RemoveBroken();
      written.json = Json();
    }
  }
  if (!lost_.empty()) {
    written.warning = absl::StrCat(
        "parts of the answer are missing from opaque_json or incomplete "
        "there, because they are too large or cannot be kept: ",
        absl::StrJoin(lost_, ", "));
  }
  return written;
}

void OpaqueParts::LoseBroken(Members& members) {
  for (auto each = members.begin(); each != members.end();) {
    if (IsAccepted(each->first, each->second)) {
      ++each;
      continue;
    }
    Lose(each->first);
    each = members.erase(each);
  }
}

void OpaqueParts::LoseAll(Members& members) {
  for (const auto& [name, member] : members) Lose(name);
  members.clear();
}

// All of them together may have more values than the intake accepts.
void OpaqueParts::RemoveBroken() {
  LoseBroken(sent_back_);
  LoseBroken(for_caller_);
  for (auto& [id, members] : calls_) LoseBroken(members);
  if (CheckJsonObject(Json()).ok()) return;
  LoseAll(for_caller_);
  if (CheckJsonObject(Json()).ok()) return;
  LoseAll(sent_back_);
  calls_.clear();
}

std::string OpaqueParts::Json() const {
  JsonBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  WriteMembers(sent_back_, writer);
  WriteMembers(for_caller_, writer);
  if (!calls_.empty()) {
    WriteKey(writer, "tool_calls");
    writer.StartObject();
    for (const auto& [id, members] : calls_) {
      WriteKey(writer, id);
      writer.StartObject();
      WriteMembers(members, writer);
      writer.EndObject();
    }
    writer.EndObject();
  }
  if (!for_caller_.empty()) {
    WriteKey(writer, kForCallerOnly);
    writer.StartArray();
    for (const auto& [name, member] : for_caller_) WriteText(writer, name);
    writer.EndArray();
  }
  writer.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize());
}

}  // namespace holysheep
