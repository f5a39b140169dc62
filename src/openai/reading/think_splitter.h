#pragma once

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace holysheep {

// Separates the reasoning of a model that writes it as `<think>…</think>` at
// the start of its text. White space before the first tag and blank lines after
// the second are dropped. If the second tag never comes, all that follows the
// first is reasoning; a text that begins otherwise is passed on unchanged. Not
// thread-safe. One object per text, which may be cut anywhere, also inside a
// tag. Holds back at most 4 KiB.
class ThinkSplitter {
 public:
  // Receives the next part of the reasoning or of the text; never empty. An
  // error ends the splitting.
  using Sink = absl::FunctionRef<absl::Status(bool is_reasoning,
                                              absl::string_view part)>;

  absl::Status Add(absl::string_view piece, Sink sink);

  // Ends the text: passes on what was held back. Call it once, last.
  absl::Status End(Sink sink);

 private:
  enum class Phase { kBefore, kThinking, kAfter, kText };

  // Each handles held_ as far as its phase goes, and returns whether the next
  // phase can go on with the rest.
  bool PassStart();
  bool PassBlankLines();
  absl::Status PassReasoning(Sink sink, bool& goes_on);

  Phase phase_ = Phase::kBefore;
  std::string held_;
};

}  // namespace holysheep
