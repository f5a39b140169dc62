#pragma once

#include <optional>
#include <string>

#include "cli/client/session.h"

namespace holysheep::cli {

// Exactly one of the first three is set.
struct PurgeOptions {
  bool all = false;
  std::optional<std::string> model;            // an empty one is refused
  std::optional<std::string> cache_namespace;  // the empty one is the default
  bool json = false;
};

// `purge`: removes answers from the cache and prints their number.
ExitCode RunPurge(const Session& session, const PurgeOptions& options);

}  // namespace holysheep::cli
