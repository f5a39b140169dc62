#include "cli/commands/stats.h"

#include <ostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "cli/terminal/table.h"
#include "cli/terminal/text.h"

namespace holysheep::cli {
namespace {

// The share of all answers that the cache could have given. Calls that bypassed
// the cache do not count.
std::string HitRate(const pb::GetStatsResponse& stats) {
  const int64_t served = stats.hits() + stats.joins() + stats.stale();
  const int64_t all = served + stats.misses();
  if (all == 0) return "-";
  return absl::StrFormat("%.1f %%", 100.0 * static_cast<double>(served) /
                                        static_cast<double>(all));
}

std::string Megabytes(int64_t bytes) {
  return absl::StrFormat("%.1f MiB", static_cast<double>(bytes) / (1 << 20));
}

std::string BreakerTable(const pb::GetStatsResponse& stats) {
  Table table{{{"BREAKER"}, {"STATE"}, {"FAILURES", true}, {"RETRY IN", true}},
              {}};
  for (const pb::Breaker& breaker : stats.breakers()) {
    const auto wait = absl::Milliseconds(breaker.retry_after_ms());
    table.rows.push_back(
        {breaker.model(), pb::Breaker::State_Name(breaker.state()),
         absl::StrCat(breaker.failures()),
         wait > absl::ZeroDuration()
             ? absl::FormatDuration(absl::Ceil(wait, absl::Seconds(1)))
             : "-"});
  }
  return RenderTable(table);
}

std::string LearnedTable(const pb::GetStatsResponse& stats) {
  Table table{{{"MODEL"}, {"REFUSED PARAMETER"}}, {}};
  for (const pb::Learned& learned : stats.learned()) {
    table.rows.push_back({learned.model(), learned.parameter()});
  }
  return RenderTable(table);
}

}  // namespace

std::string StatsTable(const pb::GetStatsResponse& stats) {
  std::string text = RenderFields({
      {"calls", Grouped(stats.calls())},
      {"errors", Grouped(stats.errors())},
      {"upstream attempts", Grouped(stats.upstream_attempts())},
      {"in flight", Grouped(stats.in_flight())},
      {"queue", Grouped(stats.queue())},
      {"cache hits", Grouped(stats.hits())},
      {"cache misses", Grouped(stats.misses())},
      {"joined calls", Grouped(stats.joins())},
      {"stale answers", Grouped(stats.stale())},
      {"served by the cache", HitRate(stats)},
      {"cache entries", absl::StrCat(Grouped(stats.entries()), " (",
                                     Megabytes(stats.bytes()), ")")},
      {"evictions", Grouped(stats.evictions())},
  });
  if (!stats.breakers().empty()) {
    absl::StrAppend(&text, "\n", BreakerTable(stats));
  }
  if (!stats.learned().empty()) {
    absl::StrAppend(&text, "\n", LearnedTable(stats));
  }
  return text;
}

ExitCode RunStats(const Session& session, bool json) {
  const auto stats = session.node.GetStats();
  if (!stats.ok()) return Fail(session, stats.status());
  session.console.out << (json ? ToJson(*stats) : StatsTable(*stats))
                      << std::flush;
  return kExitOk;
}

}  // namespace holysheep::cli
