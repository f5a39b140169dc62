#include "intake/extra_params_values.h"

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "rapidjson/document.h"

namespace holysheep {
// The JSON has been checked before, so a parse error cannot happen; the type is
// all that is asked here.

absl::Status InvalidMember(absl::string_view what) {
  return MakeError(Reason::kInvalidArgument, what);
}

absl::Status SetTwice() {
  return InvalidMember("sets what is set already; set it once");
}

absl::Status MustBe(absl::string_view what) {
  return InvalidMember(absl::StrCat("must be ", what));
}

std::optional<std::string> TextOf(absl::string_view json) {
  if (json[0] != '"') return std::nullopt;
  rapidjson::Document document;
  document.Parse(json.data(), json.size());
  if (!document.IsString()) return std::nullopt;
  return std::string(document.GetString(), document.GetStringLength());
}

std::optional<bool> BoolOf(absl::string_view json) {
  if (json == "true") return true;
  if (json == "false") return false;
  return std::nullopt;
}

std::optional<absl::string_view> Members::Take(absl::string_view name) {
  for (const JsonMember& member : *members_) {
    if (member.name != name) continue;
    ++taken_;
    if (IsNull(member.value)) return std::nullopt;
    return member.value;
  }
  return std::nullopt;
}

std::optional<std::string> Members::TakeText(absl::string_view name) {
  const auto json = Take(name);
  return json.has_value() ? TextOf(*json) : std::nullopt;
}

}  // namespace holysheep
