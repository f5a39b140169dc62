#include "cli/commands/answer.h"

#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/terminal/text.h"

namespace holysheep::cli {
namespace {

std::string CacheNote(const pb::InvokeResponse& response) {
  switch (response.cache_info().outcome()) {
    case pb::CacheInfo::HIT:
      return "cached";
    case pb::CacheInfo::JOINED:
      return "joined";
    case pb::CacheInfo::STALE:
      return "cached (stale)";
    default:
      return response.cached() ? "cached" : "";
  }
}

// Only ends that a person can do something about.
std::string EndNote(const pb::InvokeResponse& response) {
  switch (response.finish_reason()) {
    case pb::InvokeResponse::LENGTH:
      return "the answer was cut at the token limit; raise --max-tokens";
    case pb::InvokeResponse::CONTENT_FILTER:
      return "the upstream filtered the answer";
    default:
      return {};
  }
}

}  // namespace

std::string SummaryLine(const pb::InvokeResponse& response) {
  const pb::Cost& cost = response.cost();
  std::vector<std::string> parts = {
      response.model_used(),
      absl::StrCat(Grouped(response.tokens_used()), " tokens",
                   response.usage().estimated() ? " (estimated)" : ""),
      MoneyText(cost.total(), cost.currency()),
      absl::StrCat("saved ", MoneyText(cost.saved(), cost.currency())),
      Millis(response.latency_ms())};
  if (response.fallback_used()) parts.push_back("fallback");
  if (response.attempts() > 1) {
    parts.push_back(absl::StrCat(response.attempts(), " attempts"));
  }
  const std::string cache = CacheNote(response);
  if (!cache.empty()) parts.push_back(cache);
  return OneLine(absl::StrJoin(parts, " | "));
}

void PrintSummary(const Session& session, const pb::InvokeResponse& response) {
  const Console& console = session.console;
  if (!console.out) return;  // The answer could not be written either.
  console.err << OnErr(console, Style::kDim, SummaryLine(response))
              << std::endl;
  if (!response.routing().empty()) {
    const std::string choice = OneLine("chosen: " + response.routing());
    console.err << OnErr(console, Style::kDim, choice) << std::endl;
  }
  const std::string end = EndNote(response);
  if (!end.empty()) Warn(session, end);
  for (const std::string& warning : response.warnings()) {
    Warn(session, warning);
  }
}

// Flushed at once, so that an answer is seen as it comes. A file or pipe
// receives the bytes unchanged.
void AnswerPrinter::Write(const std::string& text) {
  if (text.empty()) return;
  const Console& console = session_.console;
  console.out << (console.out_is_terminal ? ForTerminal(text) : text)
              << std::flush;
  line_is_open_ = text.back() != '\n';
}

bool AnswerPrinter::Print(const pb::InvokeEvent& event) {
  switch (event.event_case()) {
    case pb::InvokeEvent::kText:
      Write(event.text());
      break;
    case pb::InvokeEvent::kRefusal:
      Write(event.refusal());
      break;
    case pb::InvokeEvent::kFinal:
      response_ = event.final();
      break;
    default:
      break;
  }
  return session_.console.out.good();
}

void AnswerPrinter::End() {
  if (line_is_open_) Write("\n");
}

}  // namespace holysheep::cli
