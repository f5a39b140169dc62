#include "jobs/template.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/errors.h"
#include "base/utf8.h"

namespace holysheep {
// A template is an alternation of texts and references, so that rendering is a
// single pass and inserted texts are never parsed.

namespace {

constexpr absl::string_view kOpen = "{{";
constexpr absl::string_view kEscaped = "{{{{";
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

// Whether the text after `{{` begins like a reference. Everything else is text
// of its own: JSON, LaTeX, a template for another program.
bool LooksLikeReference(absl::string_view text) {
  text = absl::StripLeadingAsciiWhitespace(text);
  return absl::StartsWith(text, "query") || absl::StartsWith(text, "steps.");
}

}  // namespace

// The last two of three braces may open a reference, so a brace that opens
// nothing is passed over alone.
absl::StatusOr<PromptTemplate> PromptTemplate::Parse(
    absl::string_view text, absl::Span<const std::string> earlier) {
  PromptTemplate parsed;
  parsed.pieces_.emplace_back();
  while (true) {
    const size_t open = text.find(kOpen);
    std::string& before = parsed.pieces_.back().text;
    absl::StrAppend(&before, text.substr(0, open));
    if (open == absl::string_view::npos) return parsed;
    text.remove_prefix(open);
    if (absl::StartsWith(text, kEscaped) &&
        LooksLikeReference(text.substr(kEscaped.size()))) {
      absl::StrAppend(&before, kOpen);
      text.remove_prefix(kEscaped.size());
    } else if (!LooksLikeReference(text.substr(kOpen.size()))) {
      before.push_back(text.front());
      text.remove_prefix(1);
    } else {
      text.remove_prefix(kOpen.size());
      const absl::Status status = parsed.AddReference(text, earlier);
      if (!status.ok()) return status;
      parsed.pieces_.emplace_back();
    }
  }
}

absl::Status PromptTemplate::AddReference(
    absl::string_view& text, absl::Span<const std::string> earlier) {
  const size_t close = text.find(kClose);
  if (close == absl::string_view::npos) {
    return Wrong(absl::StrCat("has a {{ without }} before ",
                              BoundedUtf8(text, kMaxShownBytes)));
  }
  const absl::string_view reference =
      absl::StripAsciiWhitespace(text.substr(0, close));
  text.remove_prefix(close + kClose.size());
  Piece& piece = pieces_.back();
  if (reference == "query") {
    piece.reference = Piece::kQuery;
    uses_query_ = true;
    return absl::OkStatus();
  }
  const auto step =
      std::find(earlier.begin(), earlier.end(), StepNamed(reference));
  if (step == earlier.end()) {
    return Wrong(absl::StrCat(
        "may refer to {{query}} and to {{steps.NAME.output}} of earlier "
        "steps, not to {{",
        BoundedUtf8(reference, kMaxShownBytes),
        "}}; where the braces are text, write {{{{"));
  }
  piece.reference = static_cast<int>(step - earlier.begin());
  return absl::OkStatus();
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
