#include "telemetry/log_line.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/utf8.h"

namespace holysheep {
namespace {

// A value that is longer is cut.
constexpr size_t kMaxValueBytes = 16'384;
constexpr size_t kUsualLineBytes = 640;

bool IsPlain(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

void AppendEscaped(absl::string_view text, std::string& out) {
  constexpr char kHex[] = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < ' ' || byte == 0x7f) {
      out.append("\\u00");
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 0xf]);
    } else {
      out.push_back(c);
    }
  }
}

// In quotes, as JSON has them.
void AppendString(absl::string_view text, std::string& out) {
  out.push_back('"');
  if (text.size() <= kMaxValueBytes &&
      std::all_of(text.begin(), text.end(), IsPlain)) {
    out.append(text.data(), text.size());
  } else {
    AppendEscaped(BoundedUtf8(text, kMaxValueBytes), out);
  }
  out.push_back('"');
}

// The last `width` digits of a number that is not negative.
void AppendPadded(int64_t value, size_t width, std::string& out) {
  out.append(width, '0');
  for (auto digit = out.rbegin(); value > 0 && width > 0; --width) {
    *digit++ = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

// As RFC 3339 has it, in UTC and to the millisecond.
void AppendTime(absl::Time time, std::string& out) {
  const auto at =
      std::chrono::floor<std::chrono::milliseconds>(absl::ToChronoTime(time));
  const auto midnight = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(midnight);
  const std::chrono::hh_mm_ss clock(at - midnight);
  AppendPadded(int{date.year()}, 4, out);
  const std::pair<char, int64_t> parts[] = {
      {'-', unsigned{date.month()}},  {'-', unsigned{date.day()}},
      {'T', clock.hours().count()},   {':', clock.minutes().count()},
      {':', clock.seconds().count()},
  };
  for (const auto& [separator, value] : parts) {
    out.push_back(separator);
    AppendPadded(value, 2, out);
  }
  out.push_back('.');
  AppendPadded(clock.subseconds().count(), 3, out);
  out.push_back('Z');
}

}  // namespace

absl::string_view LogLevelName(LogLevel level) {
  constexpr absl::string_view kNames[] = {"trace", "debug", "info",
                                          "warn",  "error", "off"};
  return kNames[static_cast<int>(level)];
}

LogLine::LogLine(const LogHead& head) : format_(head.format) {
  line_.reserve(kUsualLineBytes);
  if (format_ == LogFormat::kJson) {
    line_.append("{\"time\":\"");
    AppendTime(head.time, line_);
    line_.push_back('"');
    Text("level", LogLevelName(head.level));
    Text("message", head.message);
  } else {
    AppendTime(head.time, line_);
    absl::StrAppend(&line_, " ", LogLevelName(head.level), " ");
    AppendEscaped(BoundedUtf8(head.message, kMaxValueBytes), line_);
  }
}

void LogLine::Name(absl::string_view name) {
  if (format_ == LogFormat::kJson) {
    absl::StrAppend(&line_, ",\"", name, "\":");
  } else {
    absl::StrAppend(&line_, " ", name, "=");
  }
}

LogLine& LogLine::Text(absl::string_view name, absl::string_view value) {
  Name(name);
  AppendString(value, line_);
  return *this;
}

LogLine& LogLine::Number(absl::string_view name, int64_t value) {
  Name(name);
  absl::StrAppend(&line_, value);
  return *this;
}

LogLine& LogLine::Flag(absl::string_view name, bool value) {
  Name(name);
  line_.append(value ? "true" : "false");
  return *this;
}

LogLine& LogLine::Millis(absl::string_view name, absl::Duration value) {
  Name(name);
  const int64_t micros = std::max<int64_t>(0, absl::ToInt64Microseconds(value));
  absl::StrAppend(&line_, micros / 1000, ".");
  AppendPadded(micros % 1000, 3, line_);
  return *this;
}

LogLine& LogLine::Decimal(absl::string_view name, absl::string_view digits) {
  Name(name);
  if (digits.empty()) digits = "0";
  line_.append(digits.data(), digits.size());
  return *this;
}

std::string LogLine::Finish() && {
  if (format_ == LogFormat::kJson) line_.push_back('}');
  return std::move(line_);
}

}  // namespace holysheep
