#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace holysheep::config {

// Looks up an environment variable; nullopt if it is not set.
using Environment =
    std::function<std::optional<std::string>(absl::string_view name)>;

// That of this process. As thread-safe as getenv: nobody may set variables
// meanwhile.
std::optional<std::string> ProcessEnvironment(absl::string_view name);

}  // namespace holysheep::config
