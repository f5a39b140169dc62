#include "openai/reading/think_splitter.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace holysheep {
namespace {

constexpr absl::string_view kOpen = "<think>";
constexpr absl::string_view kClose = "</think>";
// More white space than any model writes around its reasoning.
constexpr size_t kMaxHeld = 4096;

// The number of bytes at the end of `text` that may begin a closing tag.
size_t BytesOfCutTag(absl::string_view text) {
  size_t length = std::min(text.size(), kClose.size() - 1);
  while (!absl::EndsWith(text, kClose.substr(0, length))) --length;
  return length;
}

}  // namespace

// Invariants: `held_` is empty in the phase kText. Phases follow each other in
// their order and never return.

absl::Status ThinkSplitter::Add(absl::string_view piece, Sink sink) {
  if (piece.empty()) return absl::OkStatus();
  if (phase_ == Phase::kText) return sink(false, piece);
  held_.append(piece.data(), piece.size());
  bool goes_on = true;
  if (phase_ == Phase::kBefore) goes_on = PassStart();
  if (goes_on && phase_ == Phase::kThinking) {
    auto status = PassReasoning(sink, goes_on);
    if (!status.ok()) return status;
  }
  if (goes_on && phase_ == Phase::kAfter) goes_on = PassBlankLines();
  if (!goes_on || held_.empty()) return absl::OkStatus();
  return sink(false, std::exchange(held_, {}));
}

bool ThinkSplitter::PassStart() {
  absl::string_view rest = absl::StripLeadingAsciiWhitespace(held_);
  if (absl::ConsumePrefix(&rest, kOpen)) {
    held_ = std::string(rest);
    phase_ = Phase::kThinking;
    return true;
  }
  if (absl::StartsWith(kOpen, rest) && held_.size() < kMaxHeld) return false;
  phase_ = Phase::kText;
  return true;
}

absl::Status ThinkSplitter::PassReasoning(Sink sink, bool& goes_on) {
  const absl::string_view held = held_;
  const size_t close = held.find(kClose);
  goes_on = close != absl::string_view::npos;
  const size_t end = goes_on ? close : held.size() - BytesOfCutTag(held);
  absl::Status status;
  if (end > 0) status = sink(true, held.substr(0, end));
  held_.erase(0, goes_on ? end + kClose.size() : end);
  if (goes_on) phase_ = Phase::kAfter;
  return status;
}

// The blanks before the first word of a line that is not blank belong to it.
bool ThinkSplitter::PassBlankLines() {
  const absl::string_view rest = absl::StripLeadingAsciiWhitespace(held_);
  const size_t blank = held_.size() - rest.size();
  const size_t line_end = absl::string_view(held_).substr(0, blank).rfind('\n');
  if (line_end != absl::string_view::npos) held_.erase(0, line_end + 1);
  if (rest.empty() && held_.size() < kMaxHeld) return false;
  phase_ = Phase::kText;
  return true;
}

absl::Status ThinkSplitter::End(Sink sink) {
  const std::string rest = std::exchange(held_, {});
  const Phase phase = std::exchange(phase_, Phase::kText);
  if (rest.empty() || phase == Phase::kAfter) return absl::OkStatus();
  return sink(phase == Phase::kThinking, rest);
}

}  // namespace holysheep
