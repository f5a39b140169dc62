#include "config/environment.h"

#include <cstdlib>

namespace holysheep::config {

std::optional<std::string> ProcessEnvironment(absl::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

}  // namespace holysheep::config
