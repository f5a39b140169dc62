#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace holysheep {

// Returns the W3C trace context for the upstream: that of `parent`, with `span`
// (at least 16 lower-case hex digits, of which the first 16 count) as its span.
// Empty if `parent` is not a valid `traceparent`; then the trace is not
// continued, as the recommendation demands. The flags are kept, so that the
// sampling decision of the caller holds. Pure.
std::string ContinueTrace(absl::string_view parent, absl::string_view span);

}  // namespace holysheep
