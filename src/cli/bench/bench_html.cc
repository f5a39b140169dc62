#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/bench/bench_report.h"
#include "cli/bench/svg_chart.h"
#include "cli/terminal/text.h"

namespace holysheep::cli {
namespace {

constexpr int kHtmlBins = 60;
constexpr int kTicks = 6;

constexpr char kStyle[] = R"(
:root { color-scheme: light dark; --ink: #1d2433; --dim: #66708a;
  --grid: #dfe3ec; --main: #2f6fde; --page: #ffffff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8ebf2; --dim: #9aa4bd; --grid: #323a4d; --main: #7aa7ff;
    --page: #161b26; } }
body { margin: 2rem auto; max-width: 760px; padding: 0 1rem; color: var(--ink);
  background: var(--page); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; }
p { color: var(--dim); }
.wide { overflow-x: auto; margin: 1.5rem 0; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: right; padding: .35rem .6rem; white-space: nowrap;
  border-bottom: 1px solid var(--grid); font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; }
svg { width: 100%; height: auto; margin: 1rem 0; }
.title { font: 600 15px system-ui, sans-serif; fill: var(--ink); }
.label { font: 12px system-ui, sans-serif; fill: var(--dim); }
.grid { stroke: var(--grid); }
.bar { fill: var(--main); }
.line { fill: none; stroke: var(--main); stroke-width: 2; }
.mark { fill: var(--main); }
)";

std::string Cells(const std::string& element,
                  std::initializer_list<std::string> texts) {
  std::string row = "<tr>";
  for (const std::string& text : texts) {
    absl::StrAppend(&row, "<", element, ">", XmlText(text), "</", element, ">");
  }
  return row + "</tr>\n";
}

std::string TimesRow(const std::string& name,
                     const load::LatencyHistogram& times) {
  return Cells("td",
               {name, Millis(times.Mean()), Millis(times.min()),
                Millis(times.Percentile(50)), Millis(times.Percentile(95)),
                Millis(times.Percentile(99)), Millis(times.max())});
}

// On a narrow screen a table scrolls by itself.
std::string HtmlTable(const std::string& rows) {
  return absl::StrCat("<div class=\"wide\"><table>\n", rows,
                      "</table></div>\n");
}

std::string TimesTable(const BenchReport& report) {
  std::string rows = absl::StrCat(
      Cells("th", {"", "average", "min", "P50", "P95", "P99", "max"}),
      TimesRow("latency", report.latency));
  if (report.first_token.count() > 0) {
    rows += TimesRow("first token", report.first_token);
  }
  return HtmlTable(rows);
}

std::string CountsTable(const BenchReport& report) {
  std::string rows =
      absl::StrCat(Cells("th", {"", "calls"}),
                   Cells("td", {"succeeded", Grouped(report.succeeded)}),
                   Cells("td", {"from the cache", Grouped(report.cached)}),
                   Cells("td", {"joined", Grouped(report.joined)}),
                   Cells("td", {"failed", Grouped(report.failed)}));
  for (const auto& [reason, count] : report.failures) {
    rows += Cells("td", {reason, Grouped(count)});
  }
  return HtmlTable(rows);
}

std::string LatencyPlot(const BenchReport& report) {
  Chart chart{"Latency", "latency, logarithmic", "calls", {}, {}};
  const auto bins = report.latency.Bins(kHtmlBins);
  const double count = static_cast<double>(bins.size());
  for (size_t i = 0; i < bins.size(); ++i) {
    const double x = static_cast<double>(i) / count;
    chart.points.push_back(
        {x, static_cast<double>(bins[i].count),
         absl::StrCat(Millis(bins[i].from), " to ", Millis(bins[i].to), ": ",
                      Grouped(bins[i].count), " calls")});
    if (i % (kHtmlBins / kTicks) == 0) {
      chart.x_ticks.push_back({x, Millis(bins[i].from)});
    }
  }
  if (!bins.empty()) chart.x_ticks.push_back({1, Millis(bins.back().to)});
  return BarChart(chart);
}

// Each further nine gets the same width, because the plot is about the tail.
double PercentileX(double percent) {
  return percent >= 99.99 ? 1 : -std::log10(1 - percent / 100) / 4;
}

// The points are denser where the plot is wider.
std::string PercentilePlot(const BenchReport& report) {
  Chart chart{"Latency by percentile", "percentile", "ms", {}, {}};
  for (const double percent : {0.0, 50.0, 90.0, 99.0, 99.9, 99.99}) {
    chart.x_ticks.push_back(
        {PercentileX(percent), absl::StrFormat("%g", percent)});
  }
  for (const double percent : {1.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 97.5,
                               99.0, 99.5, 99.9, 99.95, 99.99}) {
    const absl::Duration latency = report.latency.Percentile(percent);
    chart.points.push_back(
        {PercentileX(percent), absl::ToDoubleMilliseconds(latency),
         absl::StrFormat("P%g: %s", percent, Millis(latency))});
  }
  return LineChart(chart);
}

// Rates, not counts, because the last slice is shorter than the others.
std::string ThroughputPlot(const BenchReport& report) {
  Chart chart{"Throughput over time", "time", "calls/s", {}, {}};
  const Timeline& timeline = report.timeline;
  const absl::Duration whole = std::max(report.elapsed, absl::Nanoseconds(1));
  for (size_t i = 0; i < timeline.slices().size(); ++i) {
    const Timeline::Slice& slice = timeline.slices()[i];
    const absl::Duration from = timeline.width() * i;
    // The last slice ends with the run and is not complete.
    const absl::Duration length = std::clamp(
        report.elapsed - from, absl::Microseconds(1), timeline.width());
    const double rate = static_cast<double>(slice.succeeded + slice.failed) /
                        absl::ToDoubleSeconds(length);
    chart.points.push_back({absl::FDivDuration(from, whole), rate,
                            absl::StrFormat("%s: %.1f calls/s, %d failed",
                                            Millis(from), rate, slice.failed)});
  }
  for (int i = 0; i <= kTicks; ++i) {
    const double share = 1.0 * i / kTicks;
    chart.x_ticks.push_back({share, Millis(report.elapsed * share)});
  }
  return BarChart(chart);
}

std::string Introduction(const BenchReport& report) {
  const BenchSetup& setup = report.setup;
  const std::string load =
      setup.rate > 0 ? absl::StrFormat("%g calls a second, at most %d at once",
                                       setup.rate, setup.concurrency)
                     : absl::StrCat(Grouped(setup.concurrency), " at once");
  return absl::StrFormat(
      "<p>%s calls to %s, %s%s; %s.</p>\n<p>%.1f calls/s over %s. Times are "
      "of the successful calls.</p>\n",
      Grouped(report.succeeded + report.failed), XmlText(setup.target), load,
      setup.Manner(), XmlText(setup.prompts), report.Throughput(),
      Millis(report.elapsed));
}

// Only successful calls have times.
std::string Results(const BenchReport& report) {
  if (report.succeeded == 0) {
    return absl::StrCat(CountsTable(report), ThroughputPlot(report));
  }
  return absl::StrCat(TimesTable(report), CountsTable(report),
                      LatencyPlot(report), PercentilePlot(report),
                      ThroughputPlot(report));
}

}  // namespace

std::string BenchHtml(const BenchReport& report) {
  return absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\"/>\n<title>HolySheep benchmark</title>\n<style>",
      kStyle, "</style>\n</head>\n<body>\n<h1>HolySheep benchmark</h1>\n",
      Introduction(report), Results(report), "</body>\n</html>\n");
}

}  // namespace holysheep::cli
