#pragma once

#include <curl/curl.h>

#include "absl/strings/string_view.h"

namespace holysheep {

// Advice on a transfer that failed with `result` and curl's message `error`, if
// no other attempt can succeed without a change of configuration; otherwise
// empty. Begins with a semicolon, to be appended to a message. Static texts: a
// certificate that cannot be verified, and a peer that does not speak TLS.
// Pure.
absl::string_view AdviceFor(CURLcode result, absl::string_view error);

}  // namespace holysheep
