#pragma once

#include "absl/strings/string_view.h"
#include "json/json_dom.h"

namespace holysheep {

// The meaning of the upstream's finish reason.
enum class Finish {
  kNone,  // no finish reason
  // The model has said all it wanted to say, or a stop sequence.
  kStop,
  // max_tokens, or the model's own limit.
  kLength,
  // The caller is to run tools.
  kToolCalls,
  // A filter has ended the answer, or the model has refused.
  kContentFilter,
  kFailed,  // the upstream has failed
  kOther,   // unknown, so that the answer may be incomplete
};

// Returns the finish reason in a choice; empty for `""`, `null` and `"null"`.
// Valid as long as the choice. Not interpreted, so that a caller can be shown a
// word that is not known.
absl::string_view FinishWordIn(const JsonValue& choice);

// Returns the meaning of a finish reason of any family of models, in upper or
// lower case. An empty word is kNone. Pure.
Finish MeaningOf(absl::string_view word);

}  // namespace holysheep
