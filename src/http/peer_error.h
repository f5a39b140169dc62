#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/errors.h"

namespace holysheep {

// MakeError with a message that begins with host and port of `url`.
absl::Status PeerError(const std::string& url, Reason reason,
                       absl::string_view message,
                       const ErrorDetails& details = {});

}  // namespace holysheep
