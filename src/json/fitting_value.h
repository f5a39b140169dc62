#pragma once

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "json/json_schema.h"

namespace holysheep {

// What a text says in JSON that fits a schema.
struct FittingValue {
  // A view into the text; empty if there is none.
  absl::string_view json;
  // OK if there is one; otherwise INVALID_ARGUMENT with the reason, in a few
  // hundred bytes.
  absl::Status complaint;
};

// Returns the one value of FindEmbeddedJson(text) that fits `schema`. Equal
// values count as one. Several that fit are none, since nobody could say which
// of them is meant. Pure. Takes a fraction of a second at most; belongs on a
// worker unless the text is short.
FittingValue FindFittingValue(const JsonSchema& schema, absl::string_view text);

// The same, if it takes no longer than about a millisecond; otherwise nothing.
// For the loop: texts over 16 KiB are not even begun.
std::optional<FittingValue> FindFittingValueQuickly(const JsonSchema& schema,
                                                    absl::string_view text);

}  // namespace holysheep
