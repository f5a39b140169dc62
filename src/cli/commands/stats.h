#pragma once

#include <string>

#include "cli/client/session.h"

namespace holysheep::cli {

// The statistics as a table. A second table shows the circuit breakers, if
// there are any.
std::string StatsTable(const pb::GetStatsResponse& stats);

// `stats`: prints what the service has done since its start, and its present
// state.
ExitCode RunStats(const Session& session, bool json);

}  // namespace holysheep::cli
