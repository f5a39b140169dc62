#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "json/json.h"

// Reads values of members, which are valid JSON. Internal to TakeExtraParams.
namespace holysheep {

// Errors of INVALID_ARGUMENT without a field path. The caller adds the field
// and the member's name.
absl::Status InvalidMember(absl::string_view what);
absl::Status SetTwice();
absl::Status MustBe(absl::string_view what);

// The value by which OpenAI's API denotes a member that is not set.
inline bool IsNull(absl::string_view json) { return json == "null"; }

// Return nothing if the value has another type.
std::optional<std::string> TextOf(absl::string_view json);
std::optional<bool> BoolOf(absl::string_view json);

// The members of one object by name. One object; `json` must outlive it.
class Members {
 public:
  // Values of another type are accepted; then is_object is false.
  explicit Members(absl::string_view json) : members_(JsonMembers(json)) {}

  bool is_object() const { return members_.ok(); }

  // Returns the value of a member, each at most once; nothing if it is absent
  // or null.
  std::optional<absl::string_view> Take(absl::string_view name);
  // The same for a text; nothing for a value of another type.
  std::optional<std::string> TakeText(absl::string_view name);

  // Whether the object had no other members. REQUIRES: is_object.
  bool all_taken() const { return taken_ == members_->size(); }

 private:
  const absl::StatusOr<std::vector<JsonMember>> members_;
  size_t taken_ = 0;
};

}  // namespace holysheep
