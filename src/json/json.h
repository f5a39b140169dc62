#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// JSON texts that pass through the service unchanged. Pure functions, for any
// thread, each in time linear in the bytes of the text (times log n where
// members are sorted). Those that return a status refuse, with INVALID_ARGUMENT
// and the byte at fault: text that is not JSON (RFC 8259), a duplicate member,
// invalid UTF-8, nesting deeper than kMaxJsonDepth, and more than
// kMaxJsonValues values, which would need many times the memory of the text.
namespace holysheep {

// The bounds on any JSON text. 128 levels are safe for functions that recurse;
// a value costs 40 bytes while its text is read. The service never reads a text
// beyond these bounds, from wherever it comes.
inline constexpr int kMaxJsonDepth = 128;
inline constexpr int kMaxJsonValues = 250'000;

// Returns the same value in one canonical spelling: members sorted by the bytes
// of their names, no blanks, strings escaped in one way. Numbers keep their
// digits, so that different values never become equal (1.0 and 1 stay
// different). Used for cache keys. Any JSON value is accepted, not only an
// object.
absl::StatusOr<std::string> CanonicalJson(absl::string_view text);

// Returns OK if `text` is a JSON object. An empty text is not one.
absl::Status CheckJsonObject(absl::string_view text);

// A member of an object.
struct JsonMember {
  // Without its quotes and escapes, in UTF-8.
  std::string name;
  // The value as it is written: a view into the object's text.
  absl::string_view value;
};

// Returns the members of the object `text`, in its order. `text` must outlive
// the result.
absl::StatusOr<std::vector<JsonMember>> JsonMembers(absl::string_view text);

// Returns the members of `object`, which CheckJsonObject has found to be an
// object. Skips values instead of parsing them. An empty text has no members.
// `object` must outlive the result.
std::vector<JsonMember> MembersOfChecked(absl::string_view object);

// Writes the object with these members, whose values must be valid JSON. Names
// are escaped here; an empty list gives `{}`.
std::string JsonObject(const std::vector<JsonMember>& members);

// Returns one spelling for all names that readers who ignore case, such as
// Go's, take for the same name: `model` for `Model`, and also for the name with
// a long s (U+017F) or the sign of the kelvin (U+212A) in place of s or k. Only
// ASCII letters are folded otherwise.
std::string FoldedName(absl::string_view name);

}  // namespace holysheep
