#pragma once

#include <curl/curl.h>

#include "absl/strings/string_view.h"

namespace holysheep {

// What to do about a transfer that ended with `result` and curl's own words
// `error`, if no other try can mend it; else empty. Begins with a semicolon.
absl::string_view AdviceFor(CURLcode result, absl::string_view error);

}  // namespace holysheep
