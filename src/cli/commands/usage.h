#pragma once

#include <string>

#include "cli/client/session.h"

namespace holysheep::cli {

// The options of `usage`.
struct UsageOptions {
  // Days as YYYY-MM-DD, UTC, both included; empty is unbounded.
  std::string from;
  std::string to;
  // Empty for all models, and all callers.
  std::string model;
  std::string caller;
  bool json = false;
};

// A row per day, model and caller, and the total.
std::string UsageTable(const pb::GetUsageResponse& usage);

// `usage`: prints what was used and paid, from the service's ledger. The
// service checks the days.
ExitCode RunUsage(const Session& session, const UsageOptions& options);

}  // namespace holysheep::cli
