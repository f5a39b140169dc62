#pragma once

#include "absl/strings/string_view.h"
#include "json/json_dom.h"

namespace holysheep {

// What the upstream's word for the end of an answer means.
enum class Finish {
  kNone,  // no word at all
  kStop,
  kLength,
  kToolCalls,
  kContentFilter,
  kFailed,  // the upstream broke off
  kOther,   // a word that nobody knows, so that the answer may be anything
};

// The word in a choice; empty for `""`, `null` and `"null"`, which are none.
// Holds while the choice does.
absl::string_view FinishWordIn(const JsonValue& choice);

// What the word of any family of models means, in upper or lower case.
Finish MeaningOf(absl::string_view word);

}  // namespace holysheep
