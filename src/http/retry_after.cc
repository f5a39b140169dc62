#include "http/retry_after.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace holysheep {
namespace {

// A longer wait is a mistake of the sender or of its clock; the next answer
// will say it again.
constexpr absl::Duration kLongest = absl::Hours(24);
// A reset of this size cannot be a number of seconds from now, but is a date in
// seconds, or in milliseconds, since 1970.
constexpr double kUnixSeconds = 1e9;
constexpr double kUnixMillis = 1e12;

// The formats of HTTP (RFC 9110, 5.6.7) and those that servers write instead;
// all in UTC.
constexpr absl::string_view kDateFormats[] = {
    "%a, %d %b %Y %H:%M:%S", "%A, %d-%b-%y %H:%M:%S", "%a %b %e %H:%M:%S %Y",
    "%a, %d-%b-%Y %H:%M:%S", "%d %b %Y %H:%M:%S",     "%Y-%m-%dT%H:%M:%E*S",
    "%Y-%m-%d %H:%M:%E*S"};
constexpr absl::string_view kUtc[] = {"GMT",   "UTC",    "UT",
                                      "+0000", "+00:00", "Z"};

std::optional<absl::Duration> Bounded(absl::Duration wait) {
  if (wait <= absl::ZeroDuration()) return std::nullopt;
  return std::min(wait, kLongest);
}

std::optional<double> Number(absl::string_view text) {
  double number = 0;
  // NaN fails the comparison.
  if (!absl::SimpleAtod(text, &number) || !(number >= 0)) return std::nullopt;
  return number;
}

std::optional<absl::Time> DateOf(absl::string_view text) {
  absl::Time date;
  // Formats with another zone than UTC.
  for (const absl::string_view format :
       {absl::string_view(absl::RFC3339_full),
        absl::string_view(absl::RFC1123_full)}) {
    if (absl::ParseTime(format, text, &date, nullptr)) return date;
  }
  for (const absl::string_view zone : kUtc) {
    if (absl::EndsWithIgnoreCase(text, zone)) text.remove_suffix(zone.size());
  }
  text = absl::StripTrailingAsciiWhitespace(text);
  for (const absl::string_view format : kDateFormats) {
    if (absl::ParseTime(format, text, &date, nullptr)) return date;
  }
  return std::nullopt;
}

// Reads a date, a duration such as `2s`, `6m0s` or `20ms`, a number of seconds,
// or a number that is a time since 1970.
std::optional<absl::Duration> FromNow(absl::string_view text, absl::Time now) {
  if (const auto number = Number(text)) {
    if (*number < kUnixSeconds || *number > 1e300) {
      return Bounded(absl::Seconds(*number));
    }
    const double divisor = *number < kUnixMillis ? 1 : 1000;
    return Bounded(absl::UnixEpoch() + absl::Seconds(*number / divisor) - now);
  }
  if (const auto wait = WaitOf(text)) return wait;
  const auto date = DateOf(text);
  return date.has_value() ? Bounded(*date - now) : std::nullopt;
}

// Returns the name of the header with the remainder of the limit whose reset is
// in the header `name`; empty if `name` is not such a header.
std::string RemainingFor(absl::string_view name) {
  absl::string_view limit = name;
  for (const absl::string_view dress :
       {"x-ratelimit-", "x-rate-limit-", "ratelimit-"}) {
    if (!absl::ConsumePrefix(&limit, absl::StrCat(dress, "reset"))) continue;
    return absl::StrCat(dress, "remaining", limit);
  }
  const bool is_anthropic = absl::ConsumePrefix(&limit, "anthropic-ratelimit");
  if (!is_anthropic || !absl::ConsumeSuffix(&limit, "-reset")) return {};
  return absl::StrCat("anthropic-ratelimit", limit, "-remaining");
}

// The longest reset among the limits that may have been reached: which one
// refused is not known.
std::optional<absl::Duration> LongestReset(const HttpHeaders& headers,
                                           absl::Time now) {
  std::optional<absl::Duration> longest;
  for (const auto& [name, reset] : headers) {
    const std::string left = RemainingFor(name);
    if (left.empty()) continue;
    if (Number(HeaderValue(headers, left)).value_or(0) > 0) continue;
    longest = std::max(longest, FromNow(reset, now));
  }
  return longest;
}

struct Unit {
  absl::string_view name;
  absl::Duration length;
};
// A longer name comes before one that it begins with.
constexpr Unit kUnits[] = {
    {"milliseconds", absl::Milliseconds(1)},
    {"millisecond", absl::Milliseconds(1)},
    {"ms", absl::Milliseconds(1)},
    {"minutes", absl::Minutes(1)},
    {"minute", absl::Minutes(1)},
    {"mins", absl::Minutes(1)},
    {"min", absl::Minutes(1)},
    {"m", absl::Minutes(1)},
    {"seconds", absl::Seconds(1)},
    {"second", absl::Seconds(1)},
    {"secs", absl::Seconds(1)},
    {"sec", absl::Seconds(1)},
    {"s", absl::Seconds(1)},
    {"hours", absl::Hours(1)},
    {"hour", absl::Hours(1)},
    {"h", absl::Hours(1)},
    {"days", absl::Hours(24)},
    {"day", absl::Hours(24)},
};

// Whether `text` continues a word, so that the unit before it is only the
// beginning of one.
bool GoesOn(absl::string_view text) {
  return !text.empty() &&
         absl::ascii_isalpha(static_cast<unsigned char>(text[0]));
}

// Removes a unit from the front of `text`; returns null if there is none.
const Unit* TakeUnit(absl::string_view& text) {
  const absl::string_view rest = absl::StripLeadingAsciiWhitespace(text);
  for (const Unit& unit : kUnits) {
    if (!absl::StartsWith(rest, unit.name)) continue;
    if (GoesOn(rest.substr(unit.name.size()))) continue;
    text = rest.substr(unit.name.size());
    return &unit;
  }
  return nullptr;
}

// Removes a duration such as `1m30s`, `20 seconds` or a bare number of seconds
// from the front of `text`.
std::optional<absl::Duration> TakeDuration(absl::string_view& text) {
  std::optional<absl::Duration> sum;
  for (;;) {
    absl::string_view rest = absl::StripLeadingAsciiWhitespace(text);
    if (sum.has_value()) absl::ConsumePrefix(&rest, "and ");
    const size_t size =
        std::min(rest.find_first_not_of("0123456789."), rest.size());
    const absl::string_view digits =
        absl::StripSuffix(rest.substr(0, size), ".");
    const auto number = Number(digits);
    if (!number.has_value()) return sum;
    rest.remove_prefix(digits.size());
    const Unit* unit = TakeUnit(rest);
    if (unit == nullptr && (sum.has_value() || GoesOn(rest))) return sum;
    text = rest;
    sum = sum.value_or(absl::ZeroDuration()) +
          *number * (unit == nullptr ? absl::Seconds(1) : unit->length);
    if (unit == nullptr) return sum;
  }
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
  const absl::string_view in_ms = HeaderValue(headers, "retry-after-ms");
  if (const auto millis = Number(absl::StripSuffix(in_ms, "ms"))) {
    return Bounded(absl::Milliseconds(*millis));
  }
  const absl::string_view said = HeaderValue(headers, "retry-after");
  if (const auto wait = FromNow(said, now)) return wait;
  // A time that has passed is an answer as well.
  if (Number(said).has_value() || DateOf(said).has_value()) return std::nullopt;
  return LongestReset(headers, now);
}

std::optional<absl::Duration> WaitOf(absl::string_view text) {
  const std::string lower = absl::AsciiStrToLower(text);
  absl::string_view rest = lower;
  const auto wait = TakeDuration(rest);
  if (!wait.has_value() || !absl::StripAsciiWhitespace(rest).empty()) {
    return std::nullopt;
  }
  return Bounded(*wait);
}

std::optional<absl::Duration> WaitInWords(absl::string_view words) {
  constexpr absl::string_view kBefore[] = {
      "try again in ",   "try again after ", "retry in ",    "retry after ",
      "retry again in ", "again in about ",  "please wait ", "retry-after: ",
      "wait for ",       "request after ",   "reset in ",    "resets in "};
  std::optional<absl::Duration> longest;
  for (const absl::string_view before : kBefore) {
    const size_t at = words.find(before);
    if (at == words.npos) continue;
    absl::string_view rest = words.substr(at + before.size());
    const auto wait = TakeDuration(rest);
    if (wait.has_value()) longest = std::max(longest, Bounded(*wait));
  }
  return longest;
}

}  // namespace holysheep
