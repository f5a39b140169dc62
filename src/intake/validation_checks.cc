#include "intake/validation_checks.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_join.h"
#include "base/errors.h"
#include "base/utf8.h"
#include "json/json.h"

namespace holysheep {
namespace {

// Enough to recognise a value, too little to repeat a prompt.
constexpr size_t kMaxShownBytes = 64;
constexpr size_t kMaxNameBytes = 64;

bool IsNameCharacter(char c) {
  return absl::ascii_isalnum(c) || c == '_' || c == '-';
}

}  // namespace

std::string FieldPath::ToString() const {
  std::string text = parent_ == nullptr ? "" : parent_->ToString() + ".";
  absl::StrAppend(&text, name_);
  if (index_ >= 0) absl::StrAppend(&text, "[", index_, "]");
  return text;
}

absl::Status Refuse(const FieldPath& path, absl::string_view message) {
  return InvalidField(path.ToString(), message);
}

std::string Shown(absl::string_view text) {
  return absl::StrCat("\"",
                      absl::Utf8SafeCEscape(BoundedUtf8(text, kMaxShownBytes)),
                      text.size() > kMaxShownBytes ? "..." : "", "\"");
}

absl::Status CheckAtLeast(int64_t least, const FieldPath& path, int64_t value) {
  if (value >= least) return absl::OkStatus();
  return Refuse(path, absl::StrCat("must be at least ", least, ", is ", value));
}

absl::Status CheckCount(const FieldPath& path, int count, int max) {
  if (count <= max) return absl::OkStatus();
  return Refuse(path, absl::StrCat("must be at most ", max, ", are ", count));
}

absl::Status CheckNotBlank(const FieldPath& path, absl::string_view text) {
  if (!IsBlank(text)) return absl::OkStatus();
  return Refuse(path, "must not be blank");
}

absl::Status CheckLength(const FieldPath& path, absl::string_view text,
                         size_t max_bytes) {
  if (text.size() <= max_bytes) return absl::OkStatus();
  return Refuse(path, absl::StrCat("must be at most ", max_bytes,
                                   " bytes long, is ", text.size()));
}

absl::Status CheckName(const FieldPath& path, absl::string_view name) {
  if (!name.empty() && name.size() <= kMaxNameBytes &&
      std::all_of(name.begin(), name.end(), IsNameCharacter)) {
    return absl::OkStatus();
  }
  return Refuse(path,
                absl::StrCat("must be 1 to 64 characters of A-Z a-z 0-9 _ -, "
                             "is ",
                             Shown(name)));
}

absl::Status CheckOneOf(const FieldPath& path, absl::string_view text,
                        std::initializer_list<absl::string_view> words) {
  if (text.empty() || std::count(words.begin(), words.end(), text) > 0) {
    return absl::OkStatus();
  }
  return Refuse(
      path, absl::StrCat("must be one of ", absl::StrJoin(words, ", "), "; is ",
                         Shown(text)));
}

absl::Status CheckObject(const FieldPath& path, absl::string_view json) {
  if (json.empty()) return absl::OkStatus();
  const absl::Status status = CheckJsonObject(json);
  if (status.ok()) return absl::OkStatus();
  return Refuse(path,
                absl::StrCat("must be a JSON object: ", status.message()));
}

}  // namespace holysheep
