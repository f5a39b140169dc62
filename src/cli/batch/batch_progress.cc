#include "cli/batch/batch_progress.h"

#include <algorithm>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/terminal/text.h"
#include "cli/terminal/text_width.h"

namespace holysheep::cli {
namespace {

// Fast enough to look alive, slow enough to be read; a log gets a line seldom.
constexpr absl::Duration kRedraw = absl::Milliseconds(100);
constexpr absl::Duration kNextLine = absl::Seconds(10);
constexpr int kBarColumns = 24;
constexpr absl::string_view kCurrency = "USD";

std::string ClockText(absl::Duration duration) {
  const int64_t seconds = absl::ToInt64Seconds(
      absl::Ceil(std::max(duration, absl::ZeroDuration()), absl::Seconds(1)));
  if (seconds < 3600) {
    return absl::StrFormat("%d:%02d", seconds / 60, seconds % 60);
  }
  return absl::StrFormat("%d:%02d:%02d", seconds / 3600, seconds / 60 % 60,
                         seconds % 60);
}

std::string Bar(double share, int columns) {
  const int full = static_cast<int>(share * columns);
  return absl::StrCat("[", std::string(static_cast<size_t>(full), '#'),
                      std::string(static_cast<size_t>(columns - full), '.'),
                      "] ");
}

// Items of earlier runs took no time in this one.
std::string Speed(const BatchTally& tally, absl::Duration elapsed) {
  const double seconds = absl::ToDoubleSeconds(elapsed);
  if (tally.finished() == 0 || seconds <= 0) return "";
  const double rate = static_cast<double>(tally.finished()) / seconds;
  const int64_t left = tally.items - tally.earlier - tally.finished();
  std::string speed = absl::StrFormat(" | %.*f/s", rate < 10 ? 1 : 0, rate);
  if (left > 0) {
    absl::StrAppend(&speed, " | ",
                    ClockText(absl::Seconds(static_cast<double>(left) / rate)),
                    " left");
  }
  return speed;
}

}  // namespace

Money AmountOf(absl::string_view decimal) {
  return Money::ParseSigned(decimal).value_or(Money());
}

void BatchTally::Add(const pb::BatchResult& result) {
  if (!result.has_response()) {
    ++failed;
    return;
  }
  ++succeeded;
  const pb::InvokeResponse& response = result.response();
  const bool joined = response.cache_info().outcome() == pb::CacheInfo::JOINED;
  if (response.cached() || joined) ++hits;
  cost += AmountOf(response.cost().total());
  saved += AmountOf(response.cost().saved());
}

std::string ProgressLine(const BatchTally& tally, absl::Duration elapsed,
                         int bar) {
  const int64_t done = tally.earlier + tally.finished();
  const double share = tally.items == 0 ? 1
                                        : static_cast<double>(done) /
                                              static_cast<double>(tally.items);
  std::string line = bar > 0 ? Bar(std::min(share, 1.0), bar) : "";
  absl::StrAppend(&line, absl::StrFormat("%.0f %% ", share * 100),
                  Grouped(done), "/", Grouped(tally.items),
                  Speed(tally, elapsed), " | ",
                  MoneyText(tally.cost.ToString(), kCurrency), " | ",
                  Grouped(tally.hits), " hits");
  if (tally.failed > 0) {
    absl::StrAppend(&line, " | ", Grouped(tally.failed), " failed");
  }
  return line;
}

// A line that is too long would wrap and could not be redrawn, so the bar goes
// first, then the end of the line.
void BatchProgress::Show(const BatchTally& tally, absl::Time now) {
  const bool terminal = console_.err_is_terminal;
  if (now - shown_ < (terminal ? kRedraw : kNextLine)) return;
  shown_ = now;
  if (!terminal) {
    console_.err << ProgressLine(tally, now - start_, 0) << std::endl;
    return;
  }
  std::string line = ProgressLine(tally, now - start_, kBarColumns);
  if (Width(line) >= static_cast<size_t>(console_.columns)) {
    line = ProgressLine(tally, now - start_, 0);
    line.resize(
        std::min(line.size(), static_cast<size_t>(console_.columns) - 1));
  }
  console_.err << "\r" << line << "\x1b[K" << std::flush;
}

void BatchProgress::End(const BatchTally& tally, absl::Time now) {
  if (console_.err_is_terminal) {
    console_.err << "\r\x1b[K";
  }
  console_.err << ProgressLine(tally, now - start_, 0) << " | saved "
               << MoneyText(tally.saved.ToString(), kCurrency) << " | "
               << ClockText(now - start_) << std::endl;
}

}  // namespace holysheep::cli
