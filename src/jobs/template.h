#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace holysheep {

// A prompt that may refer to `{{query}}` and to `{{steps.NAME.output}}` of
// earlier steps, with optional blanks inside the braces. Any other `{{` is text
// and stays as it is, unless `query` or `steps.` follows it, which is a
// misspelt reference. `{{{{` before `query` or `steps.` writes `{{` as text.
// Inserted texts are not templates: references in them have no meaning.
// Immutable after Parse. A value; any thread.
class PromptTemplate {
 public:
  // An empty prompt.
  PromptTemplate() = default;
  // Parses `text`. `earlier` are the names of the steps before this one. The
  // error says what is wrong, and names no field. INVALID_ARGUMENT for a
  // misspelt reference, one to another step, and one that does not close. The
  // position of a name in `earlier` is the index of its output in Render.
  static absl::StatusOr<PromptTemplate> Parse(
      absl::string_view text, absl::Span<const std::string> earlier);

  // Whether `{{query}}` occurs.
  bool uses_query() const { return uses_query_; }

  // Fills in the references. `outputs` are the outputs of the earlier steps, in
  // order. Returns CONTEXT_LENGTH if the result would exceed `max_bytes`.
  // REQUIRES: `outputs` has an element for each step of `earlier`; that of a
  // failed step is empty.
  absl::StatusOr<std::string> Render(absl::string_view query,
                                     absl::Span<const std::string> outputs,
                                     size_t max_bytes) const;

 private:
  // A piece of text, and the reference that follows it.
  struct Piece {
    static constexpr int kNothing = -1;
    static constexpr int kQuery = -2;

    std::string text;
    // kNothing, kQuery or the index of a step.
    int reference = kNothing;
  };

  // Reads the rest of a reference, after its `{{`, from the beginning of
  // `text`, and makes it that of the last piece.
  absl::Status AddReference(absl::string_view& text,
                            absl::Span<const std::string> earlier);

  // In order; the last one refers to nothing.
  std::vector<Piece> pieces_;
  bool uses_query_ = false;
};

}  // namespace holysheep
