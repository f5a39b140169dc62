#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace holysheep {

// The W3C trace context that a call passes on: that of `parent`, with `span`
// (at least 16 lower-case hex digits, of which the first 16 count) in place of
// its span. Empty if `parent` is no valid `traceparent`; then the trace is not
// carried on, as the recommendation asks.
std::string ContinueTrace(absl::string_view parent, absl::string_view span);

}  // namespace holysheep
