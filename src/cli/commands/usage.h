#pragma once

#include <string>

#include "cli/client/session.h"

namespace holysheep::cli {

// The options of `usage`.
struct UsageOptions {
  // Days as YYYY-MM-DD, UTC, both included; empty is unbounded.
  std::string from;
  std::string to;
  // Empty for all models, callers and apps.
  std::string model;
  std::string caller;
  std::string app;
  // One of kUsageDimensions to sum up by, or empty.
  std::string by;
  bool json = false;
};

// A row per day, model, caller and app, or, if `by` names one of these, a row
// for each; and the total. Apps have no column where no call named one.
std::string UsageTable(const pb::GetUsageResponse& usage,
                       const std::string& by = "");

// `usage`: prints what was used and paid, from the service's ledger, all pages
// of it. The service checks the days.
ExitCode RunUsage(const Session& session, const UsageOptions& options);

}  // namespace holysheep::cli
