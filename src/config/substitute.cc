#include "config/substitute.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/errors.h"

namespace holysheep::config {
namespace {

// Far longer than any setting, but bounds a file that repeats a variable.
// Checked while the text grows, not afterwards.
constexpr size_t kMaxText = 65536;

bool IsVariableName(absl::string_view name) {
  return !name.empty() && !absl::ascii_isdigit(name.front()) &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '_';
         });
}

// Removes `NAME}` from the front of `text` and returns the value.
absl::StatusOr<std::string> TakeVariable(absl::string_view& text,
                                         const Environment& environment) {
  const size_t end = text.find('}');
  const absl::string_view name = text.substr(0, end);
  if (end == absl::string_view::npos || !IsVariableName(name)) {
    return MakeError(Reason::kInvalidArgument,
                     "${ must be followed by the name of an environment "
                     "variable and }; write $${ for the characters");
  }
  std::optional<std::string> value = environment(name);
  if (!value.has_value()) {
    return MakeError(
        Reason::kInvalidArgument,
        absl::StrCat("the environment variable ", name, " is not set"));
  }
  text.remove_prefix(end + 1);
  return *std::move(value);
}

}  // namespace

absl::StatusOr<std::string> Substitute(absl::string_view text,
                                       const Environment& environment) {
  std::string result;
  while (!text.empty() && result.size() <= kMaxText) {
    const size_t dollar = std::min(text.find('$'), text.size());
    result.append(text.data(), dollar);
    text.remove_prefix(dollar);
    if (absl::ConsumePrefix(&text, "${")) {
      absl::StatusOr<std::string> value = TakeVariable(text, environment);
      if (!value.ok()) return value.status();
      result += *value;
    } else if (absl::ConsumePrefix(&text, "$$") ||
               absl::ConsumePrefix(&text, "$")) {
      result += '$';
    }
  }
  if (result.size() > kMaxText) {
    return MakeError(Reason::kInvalidArgument,
                     absl::StrCat("must be at most ", kMaxText, " characters"));
  }
  return result;
}

}  // namespace holysheep::config
