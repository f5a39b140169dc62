#include "http/response_head.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/errors.h"

namespace holysheep {
// Invariants: `headers_` belong to the response that `status_` begins; once
// `complete_` is set neither changes until Clear. `bytes_` counts all lines
// since Clear, interim responses and trailers included.

absl::Status ResponseHead::TakeLine(absl::string_view line) {
  bytes_ += line.size();
  if (bytes_ > kMaxBytes) {
    return MakeError(
        Reason::kUpstreamMalformed,
        absl::StrCat("more than ", kMaxBytes, " bytes of response headers"));
  }
  if (complete_) return absl::OkStatus();  // This is a trailer.
  if (absl::StartsWith(line, "HTTP/")) {
    TakeStatus(line);
  } else if (absl::StripAsciiWhitespace(line).empty()) {
    complete_ = status_ >= 200;
  } else {
    TakeHeader(line);
  }
  return absl::OkStatus();
}

// A status line begins a response, so what came before was an interim one.
void ResponseHead::TakeStatus(absl::string_view line) {
  headers_.clear();
  const size_t space = line.find(' ');
  if (space == absl::string_view::npos ||
      !absl::SimpleAtoi(line.substr(space + 1, 3), &status_)) {
    status_ = 0;
  }
}

void ResponseHead::TakeHeader(absl::string_view line) {
  const absl::string_view text = absl::StripAsciiWhitespace(line);
  if (absl::ascii_isspace(line.front())) {  // Folded onto the one before.
    if (headers_.empty()) return;
    std::string& value = headers_.back().second;
    absl::StrAppend(&value, value.empty() ? "" : " ", text);
    return;
  }
  const size_t colon = text.find(':');
  if (colon == absl::string_view::npos) return;
  const absl::string_view name =
      absl::StripTrailingAsciiWhitespace(text.substr(0, colon));
  headers_.emplace_back(
      absl::AsciiStrToLower(name),
      absl::StripLeadingAsciiWhitespace(text.substr(colon + 1)));
}

void ResponseHead::Clear() {
  bytes_ = 0;
  complete_ = false;
  status_ = 0;
  headers_.clear();
}

}  // namespace holysheep
