#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "config/config.h"
#include "config/environment.h"

namespace holysheep::config {

struct LoadOptions {
  // Of the configuration file, as `--config` has it. Empty: HOLYSHEEP_CONFIG;
  // neither: no file, the defaults.
  std::string path;
  Environment environment = ProcessEnvironment;
};

// Reads the file and the environment, which beats it, into one checked value:
// nobody has to check it again. Blocks while it reads files. The message of
// the error has a problem a line, as `file:line: path.to.key: reason`, and no
// secrets.
absl::StatusOr<Config> LoadConfig(const LoadOptions& options);

// Every key there is, sorted; of list items as `models[].id`.
std::vector<std::string> ConfigKeys();

}  // namespace holysheep::config
