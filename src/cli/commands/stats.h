#pragma once

#include <string>

#include "cli/client/session.h"

namespace holysheep::cli {

// The statistics as a table.
std::string StatsTable(const pb::GetStatsResponse& stats);

// `stats`: prints what the service has done since its start, and its present
// state.
ExitCode RunStats(const Session& session, bool json);

}  // namespace holysheep::cli
