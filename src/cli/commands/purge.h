#pragma once

#include <optional>
#include <string>

#include "cli/client/session.h"

namespace holysheep::cli {

// Exactly one of them.
struct PurgeOptions {
  bool all = false;
  std::optional<std::string> model;            // an empty one is refused
  std::optional<std::string> cache_namespace;  // the empty one is the default
  bool json = false;
};

// `purge`: drops answers from the cache and says how many.
ExitCode RunPurge(const Session& session, const PurgeOptions& options);

}  // namespace holysheep::cli
