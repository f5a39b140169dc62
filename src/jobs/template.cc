#include "jobs/template.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/errors.h"
#include "base/utf8.h"

namespace holysheep {
// A template is an alternation of texts and references, so that rendering is a
// single pass and inserted texts are never parsed.

namespace {

constexpr absl::string_view kOpen = "{{";
constexpr absl::string_view kClose = "}}";
constexpr size_t kMaxShownBytes = 80;

absl::Status Wrong(absl::string_view message) {
  return MakeError(Reason::kInvalidArgument, message);
}

// Returns NAME of `steps.NAME.output`; empty if `reference` has another form.
absl::string_view StepNamed(absl::string_view reference) {
  if (!absl::ConsumePrefix(&reference, "steps.")) return "";
  if (!absl::ConsumeSuffix(&reference, ".output")) return "";
  return reference;
}

}  // namespace

absl::StatusOr<PromptTemplate> PromptTemplate::Parse(
    absl::string_view text, absl::Span<const std::string> earlier) {
  PromptTemplate parsed;
  while (true) {
    const size_t open = text.find(kOpen);
    Piece& piece = parsed.pieces_.emplace_back();
    piece.text = std::string(text.substr(0, open));
    if (open == absl::string_view::npos) return parsed;
    text.remove_prefix(open + kOpen.size());
    const size_t close = text.find(kClose);
    if (close == absl::string_view::npos) return Wrong("has a {{ without }}");
    const absl::string_view reference =
        absl::StripAsciiWhitespace(text.substr(0, close));
    text.remove_prefix(close + kClose.size());
    if (reference == "query") {
      piece.reference = Piece::kQuery;
      parsed.uses_query_ = true;
      continue;
    }
    const auto step =
        std::find(earlier.begin(), earlier.end(), StepNamed(reference));
    if (step == earlier.end()) {
      return Wrong(absl::StrCat(
          "may refer to {{query}} and to {{steps.NAME.output}} of earlier "
          "steps, not to {{",
          BoundedUtf8(reference, kMaxShownBytes), "}}"));
    }
    piece.reference = static_cast<int>(step - earlier.begin());
  }
}

absl::StatusOr<std::string> PromptTemplate::Render(
    absl::string_view query, absl::Span<const std::string> outputs,
    size_t max_bytes) const {
  std::string prompt;
  const auto append = [&](absl::string_view text) {
    if (text.size() > max_bytes - prompt.size()) return false;
    absl::StrAppend(&prompt, text);
    return true;
  };
  for (const Piece& piece : pieces_) {
    absl::string_view filled_in;
    if (piece.reference == Piece::kQuery) filled_in = query;
    if (piece.reference >= 0) {
      filled_in = outputs[static_cast<size_t>(piece.reference)];
    }
    if (!append(piece.text) || !append(filled_in)) {
      return MakeError(Reason::kContextLength,
                       absl::StrCat("the prompt and what came before it would "
                                    "be longer than the ",
                                    max_bytes, " bytes left to it"));
    }
  }
  return prompt;
}

}  // namespace holysheep
