#include "config/config_errors.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/errors.h"

namespace holysheep::config {

absl::Status Refuse(absl::string_view reason) {
  return MakeError(Reason::kInvalidArgument, reason);
}

void ConfigErrors::Add(const Origin& origin, absl::string_view reason) {
  if (++count_ > kMaxShown) return;
  const std::string place =
      origin.line > 0 ? absl::StrCat(file_, ":", origin.line, ": ") : "";
  const std::string name =
      origin.name.empty() ? "" : absl::StrCat(origin.name, ": ");
  shown_.push_back({origin.line, absl::StrCat(place, name, reason)});
}

// Stable, so that problems of one line, and those without a line, stay in the
// order in which they were found.
absl::Status ConfigErrors::ToStatus() const {
  if (count_ == 0) return absl::OkStatus();
  std::vector<Problem> sorted = shown_;
  std::stable_sort(
      sorted.begin(), sorted.end(),
      [](const Problem& a, const Problem& b) { return a.line < b.line; });
  std::string text =
      absl::StrJoin(sorted, "\n", [](std::string* out, const Problem& problem) {
        absl::StrAppend(out, problem.message);
      });
  if (count_ > kMaxShown) {
    absl::StrAppend(&text, "\nand ", count_ - kMaxShown, " more");
  }
  return MakeError(Reason::kInvalidArgument, text);
}

}  // namespace holysheep::config
