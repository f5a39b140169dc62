#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/errors.h"

namespace holysheep {

// MakeError with a message that begins with the host and port of `url`, but
// never shows its user or path. A URL that cannot be parsed is shown as `?:?`.
// `message` must not show secrets. Pure.
absl::Status PeerError(const std::string& url, Reason reason,
                       absl::string_view message,
                       const ErrorDetails& details = {});

}  // namespace holysheep
