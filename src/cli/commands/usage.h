#pragma once

#include <string>

#include "cli/client/session.h"

namespace holysheep::cli {

struct UsageOptions {
  // Days as YYYY-MM-DD, UTC; empty is no bound.
  std::string from;
  std::string to;
  std::string model;
  std::string caller;
  bool json = false;
};

// A row a day, model and caller, and their total.
std::string UsageTable(const pb::GetUsageResponse& usage);

// `usage`: what was used and paid, from the ledger.
ExitCode RunUsage(const Session& session, const UsageOptions& options);

}  // namespace holysheep::cli
