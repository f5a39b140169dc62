#pragma once

#include <optional>
#include <string>

#include "cli/client/session.h"

namespace holysheep::cli {

// Exactly one of the first three is set. The command line sees to that.
struct PurgeOptions {
  // All answers.
  bool all = false;
  // The answers of one model.
  std::optional<std::string> model;  // an empty one is refused
  // The answers of one cache namespace.
  std::optional<std::string> cache_namespace;  // the empty one is the default
  bool json = false;
};

// `purge`: removes answers from the cache and prints their number. Needs a
// token with the role admin, as `stats` and `usage` do.
ExitCode RunPurge(const Session& session, const PurgeOptions& options);

}  // namespace holysheep::cli
