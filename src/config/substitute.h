#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "config/environment.h"

namespace holysheep::config {

// Replaces each `${NAME}` by the value of that environment variable, and `$$`
// by a dollar. Any other dollar stands for itself. Values are not substituted
// again. Returns an error that names the variable if one is not set. The result
// has at most 64 KiB. Applied to the scalars of the configuration file, not to
// its keys. Pure but for `environment`.
absl::StatusOr<std::string> Substitute(absl::string_view text,
                                       const Environment& environment);

}  // namespace holysheep::config
