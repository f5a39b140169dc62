#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace holysheep::config {

// Looks up an environment variable; nullopt if it is not set. Injected, so that
// tests need not change the process.
using Environment =
    std::function<std::optional<std::string>(absl::string_view name)>;

// Reads the environment of this process. As thread-safe as getenv: no other
// thread may set variables meanwhile. A variable that is set but empty gives an
// empty text.
std::optional<std::string> ProcessEnvironment(absl::string_view name);

}  // namespace holysheep::config
