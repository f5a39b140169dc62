#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// JSON texts that pass through the service as they are. No function takes
// longer for a text than its bytes make it. Those that give a status refuse
// what is not JSON (RFC 8259), a member named twice, invalid UTF-8, nesting
// deeper than kMaxJsonDepth and more than kMaxJsonValues values, which would
// take many times the memory of the text, with INVALID_ARGUMENT and the place
// at fault.
namespace holysheep {

inline constexpr int kMaxJsonDepth = 128;
inline constexpr int kMaxJsonValues = 250'000;

// The same value with members sorted by the bytes of their names, no blanks,
// and strings escaped in one way. Numbers keep their digits, so that different
// values never become equal (though 1.0 and 1 stay different).
absl::StatusOr<std::string> CanonicalJson(absl::string_view text);

// OK if `text` is a JSON object.
absl::Status CheckJsonObject(absl::string_view text);

struct JsonMember {
  std::string name;
  // The value as written: a view into the object's text.
  absl::string_view value;
};

// The members of the object `text`, in its order.
absl::StatusOr<std::vector<JsonMember>> JsonMembers(absl::string_view text);

// The same of a text that CheckJsonObject has found to be an object; nothing is
// parsed, only passed over.
std::vector<JsonMember> MembersOfChecked(absl::string_view object);

// The object that has these members, whose values must be valid JSON.
std::string JsonObject(const std::vector<JsonMember>& members);

// What readers that do not tell upper from lower case, such as Go's, take for
// the same name of ASCII letters: `model` for `Model`, and also for it with a
// long s (U+017F) or the sign of the kelvin (U+212A) in place of s or k.
std::string FoldedName(absl::string_view name);

}  // namespace holysheep
