#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace holysheep {

// A prompt that may refer to `{{query}}` and to `{{steps.NAME.output}}` of
// earlier steps, with blanks within the braces if one likes. What is filled in
// is text: references inside of it mean nothing.
class PromptTemplate {
 public:
  // Says nothing.
  PromptTemplate() = default;
  // `earlier` are the names of the steps before this one. The error says what
  // is wrong, and names no field.
  static absl::StatusOr<PromptTemplate> Parse(
      absl::string_view text, absl::Span<const std::string> earlier);

  bool uses_query() const { return uses_query_; }

  // `outputs` are those of the earlier steps, in their order. The error is
  // CONTEXT_LENGTH if that would be more than `max_bytes`.
  absl::StatusOr<std::string> Render(absl::string_view query,
                                     absl::Span<const std::string> outputs,
                                     size_t max_bytes) const;

 private:
  // Text, and what is filled in after it.
  struct Piece {
    static constexpr int kNothing = -1;
    static constexpr int kQuery = -2;

    std::string text;
    // One of the above, or the position of a step.
    int reference = kNothing;
  };

  std::vector<Piece> pieces_;
  bool uses_query_ = false;
};

}  // namespace holysheep
