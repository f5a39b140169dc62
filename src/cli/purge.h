#pragma once

#include <string>

#include "cli/session.h"

namespace holysheep {

// Exactly one of them.
struct PurgeOptions {
  bool all = false;
  std::string model;
  std::string name_space;
  bool json = false;
};

// `purge`: drops answers from the cache and says how many.
ExitCode RunPurge(const Session& session, const PurgeOptions& options);

}  // namespace holysheep
