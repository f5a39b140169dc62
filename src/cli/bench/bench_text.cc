#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/bench/bench_report.h"
#include "cli/terminal/table.h"
#include "cli/terminal/text.h"

namespace holysheep::cli {
namespace {

constexpr int kTextBins = 16;

std::string Share(int64_t part, int64_t whole) {
  return absl::StrFormat("%.1f %%", whole == 0
                                        ? 0.0
                                        : 100.0 * static_cast<double>(part) /
                                              static_cast<double>(whole));
}

std::string Load(const BenchSetup& setup) {
  return setup.rate > 0 ? absl::StrFormat("%g a second, at most %d at once",
                                          setup.rate, setup.concurrency)
                        : absl::StrCat(Grouped(setup.concurrency), " at once");
}

std::string Failures(const BenchReport& report) {
  std::vector<std::string> reasons;
  for (const auto& [reason, count] : report.failures) {
    reasons.push_back(absl::StrCat(reason, " ", Grouped(count)));
  }
  return reasons.empty() ? "0"
                         : absl::StrCat(Grouped(report.failed), " (",
                                        absl::StrJoin(reasons, ", "), ")");
}

std::string Summary(const BenchReport& report) {
  const int64_t ended = report.succeeded + report.failed;
  const double rate = report.Throughput();
  return RenderFields({
      {"calls",
       absl::StrCat(Grouped(ended), " of ", Grouped(report.setup.calls), ", ",
                    Load(report.setup), report.setup.Manner())},
      {"prompts", report.setup.prompts},
      {"elapsed", Millis(report.elapsed)},
      {"throughput", absl::StrFormat("%.1f calls/s, %s a minute", rate,
                                     Grouped(static_cast<int64_t>(rate * 60)))},
      {"succeeded", absl::StrCat(Grouped(report.succeeded), " (",
                                 Share(report.succeeded, ended), ")")},
      {"failed", Failures(report)},
      {"from the cache", absl::StrCat(Grouped(report.cached), " (",
                                      Share(report.cached, report.succeeded),
                                      "), joined ", Grouped(report.joined))},
      {"tokens", Grouped(report.tokens)},
  });
}

std::vector<std::string> LatencyRow(std::string name,
                                    const load::LatencyHistogram& times) {
  return {std::move(name),
          Millis(times.Mean()),
          Millis(times.min()),
          Millis(times.Percentile(50)),
          Millis(times.Percentile(95)),
          Millis(times.Percentile(99)),
          Millis(times.max())};
}

std::string Times(const BenchReport& report) {
  Table table;
  table.columns = {{""},          {"AVG", true}, {"MIN", true}, {"P50", true},
                   {"P95", true}, {"P99", true}, {"MAX", true}};
  table.rows.push_back(LatencyRow("latency", report.latency));
  if (report.first_token.count() > 0) {
    table.rows.push_back(LatencyRow("first token", report.first_token));
  }
  return RenderTable(table);
}

// Draws `share` of `width` columns, to an eighth of a column.
std::string HistogramBar(double share, int width) {
  static constexpr const char* kEighths[] = {"",  "▏", "▎", "▍",
                                             "▌", "▋", "▊", "▉"};
  const int eighths = static_cast<int>(std::lround(share * width * 8));
  std::string bar;
  for (int i = 0; i < eighths / 8; ++i) bar += "█";
  bar += kEighths[eighths % 8];
  // Anything above zero is visible.
  return bar.empty() && share > 0 ? kEighths[1] : bar;
}

std::string Histogram(const load::LatencyHistogram& times, int columns) {
  const auto bins = times.Bins(kTextBins);
  int64_t most = 1;
  for (const auto& bin : bins) most = std::max(most, bin.count);
  const int width = std::clamp(columns - 36, 10, 60);
  Table table{{{"", true}, {"", true}, {""}}, {}};
  for (const auto& bin : bins) {
    const double share =
        static_cast<double>(bin.count) / static_cast<double>(most);
    table.rows.push_back({absl::StrCat("to ", Millis(bin.to)),
                          Grouped(bin.count), HistogramBar(share, width)});
  }
  return RenderTable(table);
}

}  // namespace

std::string BenchText(const BenchReport& report, int columns) {
  std::string text = Summary(report);
  if (report.succeeded == 0) return text;
  absl::StrAppend(&text, "\n", Times(report), "\n",
                  Histogram(report.latency, columns));
  return text;
}

}  // namespace holysheep::cli
