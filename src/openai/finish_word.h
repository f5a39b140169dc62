#pragma once

#include "absl/strings/string_view.h"
#include "json/json_dom.h"

namespace holysheep {

// The meaning of the upstream's finish reason.
enum class Finish {
  kNone,  // no finish reason
  kStop,
  kLength,
  kToolCalls,
  kContentFilter,
  kFailed,  // the upstream has failed
  kOther,   // unknown, so that the answer may be incomplete
};

// Returns the finish reason in a choice; empty for `""`, `null` and `"null"`.
// Valid as long as the choice.
absl::string_view FinishWordIn(const JsonValue& choice);

// Returns the meaning of a finish reason of any family of models, in upper or
// lower case.
Finish MeaningOf(absl::string_view word);

}  // namespace holysheep
