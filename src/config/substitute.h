#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "config/environment.h"

namespace holysheep::config {

// Puts the values of environment variables in the places of `${NAME}`, and a
// dollar in that of `$$`. Any other dollar stands for itself. The values are
// not looked into. An error if a variable is not set; it names the variable.
absl::StatusOr<std::string> Substitute(absl::string_view text,
                                       const Environment& environment);

}  // namespace holysheep::config
