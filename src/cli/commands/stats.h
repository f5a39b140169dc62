#pragma once

#include <string>

#include "cli/client/session.h"

namespace holysheep::cli {

std::string StatsTable(const pb::GetStatsResponse& stats);

// `stats`: what the service did since its start, and what it does now.
ExitCode RunStats(const Session& session, bool json);

}  // namespace holysheep::cli
