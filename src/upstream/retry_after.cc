#include "upstream/retry_after.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace holysheep {
namespace {

constexpr absl::Duration kLongest = absl::Hours(24);
// A reset this large cannot be a number of seconds from now: a date in seconds,
// or in milliseconds, since 1970.
constexpr double kUnixSeconds = 1e9;
constexpr double kUnixMillis = 1e12;

absl::Duration Bounded(absl::Duration wait) {
  return std::clamp(wait, absl::ZeroDuration(), kLongest);
}

std::optional<double> Number(absl::string_view text) {
  double number = 0;
  // NaN fails the comparison.
  if (!absl::SimpleAtod(text, &number) || !(number >= 0)) return std::nullopt;
  return number;
}

std::optional<absl::Duration> FromSecondsOrDate(absl::string_view text,
                                                absl::Time now) {
  if (const auto seconds = Number(text)) {
    return Bounded(absl::Seconds(*seconds));
  }
  absl::Time date;
  if (absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", text, &date, nullptr)) {
    return Bounded(date - now);
  }
  return std::nullopt;
}

// `1s`, `6m0s`, `20ms`, a number of seconds, or a time since 1970.
std::optional<absl::Duration> FromReset(absl::string_view text,
                                        absl::Time now) {
  if (const auto number = Number(text)) {
    if (*number < kUnixSeconds) return Bounded(absl::Seconds(*number));
    const double divisor = *number < kUnixMillis ? 1 : 1000;
    return Bounded(absl::UnixEpoch() + absl::Seconds(*number / divisor) - now);
  }
  absl::Duration wait;
  if (absl::ParseDuration(text, &wait)) return Bounded(wait);
  return std::nullopt;
}

}  // namespace

absl::string_view HeaderValue(const HttpHeaders& headers,
                              absl::string_view name) {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

std::optional<absl::Duration> RetryAfter(const HttpHeaders& headers,
                                         absl::Time now) {
  if (const auto millis = Number(HeaderValue(headers, "retry-after-ms"))) {
    return Bounded(absl::Milliseconds(*millis));
  }
  if (const auto wait =
          FromSecondsOrDate(HeaderValue(headers, "retry-after"), now)) {
    return wait;
  }
  std::optional<absl::Duration> longest;
  for (const absl::string_view limit : {"", "-requests", "-tokens"}) {
    const absl::string_view left =
        HeaderValue(headers, absl::StrCat("x-ratelimit-remaining", limit));
    if (Number(left).value_or(0) > 0) continue;
    const auto wait = FromReset(
        HeaderValue(headers, absl::StrCat("x-ratelimit-reset", limit)), now);
    if (wait.has_value()) longest = std::max(longest.value_or(*wait), *wait);
  }
  return longest;
}

}  // namespace holysheep
