#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "config/config.h"
#include "config/environment.h"

namespace holysheep::config {

// Where the configuration comes from. The same for the start and for each
// reload, so that a reload reads what the start has read.
struct LoadOptions {
  // The configuration file, as given by `--config`. If empty, HOLYSHEEP_CONFIG
  // names it; if that is not set either, the defaults apply.
  std::string path;
  Environment environment = ProcessEnvironment;
};

// Reads the file and the environment, which takes precedence, into one checked
// value: no other code has to check it. Blocks while it reads files. The error
// has one problem per line, as `file:line: path.to.key: reason`, and shows no
// secrets. An empty file is the default configuration. At most 1 MiB.
absl::StatusOr<Config> LoadConfig(const LoadOptions& options);

// Returns all keys that exist, sorted; those of list items as `models[].id`.
// For the test that compares them with docs/configuration.md.
std::vector<std::string> ConfigKeys();

}  // namespace holysheep::config
