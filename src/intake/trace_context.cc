#include "intake/trace_context.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace holysheep {
// W3C Trace Context, level 1; `tracestate` is not passed on.

namespace {

// The format is version-trace-parent-flags, such as 00-<32>-<16>-01.
constexpr size_t kLength = 55;
constexpr size_t kSpanLength = 16;

bool IsLowerHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
}

bool IsId(absl::string_view text) {
  return IsLowerHex(text) && text.find_first_not_of('0') != text.npos;
}

}  // namespace

std::string ContinueTrace(absl::string_view parent, absl::string_view span) {
  if (parent.size() < kLength) return "";
  const absl::string_view version = parent.substr(0, 2);
  const absl::string_view trace = parent.substr(3, 32);
  const absl::string_view flags = parent.substr(53, 2);
  const bool dashes =
      parent[2] == '-' && parent[35] == '-' && parent[52] == '-';
  if (!dashes || !IsLowerHex(version) || version == "ff" || !IsId(trace) ||
      !IsId(parent.substr(36, kSpanLength)) || !IsLowerHex(flags)) {
    return "";
  }
  // Later versions may append more after another dash.
  const bool longer = parent.size() > kLength;
  if (longer && (version == "00" || parent[kLength] != '-')) return "";
  return absl::StrCat("00-", trace, "-", span.substr(0, kSpanLength), "-",
                      flags);
}

}  // namespace holysheep
