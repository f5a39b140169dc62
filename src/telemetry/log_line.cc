#include "telemetry/log_line.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "base/utf8.h"

namespace holysheep {
namespace {

// A value that is longer is cut.
constexpr size_t kMaxValueBytes = 16'384;

// Printable ASCII that JSON takes as it is.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain = {};
  for (int c = ' '; c <= '~'; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

bool IsPlain(absl::string_view text) {
  bool plain = true;
  for (const char c : text) plain &= kPlain[static_cast<unsigned char>(c)];
  return plain;
}

void Append(absl::string_view text, LogBuffer& out) {
  out.append(text.data(), text.data() + text.size());
}

void AppendEscaped(absl::string_view text, LogBuffer& out) {
  constexpr char kHex[] = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < ' ' || byte == 0x7f) {
      Append("\\u00", out);
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 0xf]);
    } else {
      out.push_back(c);
    }
  }
}

// In quotes, as JSON has them.
void AppendString(absl::string_view text, LogBuffer& out) {
  out.push_back('"');
  if (text.size() <= kMaxValueBytes && IsPlain(text)) {
    Append(text, out);
  } else {
    AppendEscaped(BoundedUtf8(text, kMaxValueBytes), out);
  }
  out.push_back('"');
}

// The last `width` digits of a number that is not negative; at most 4.
void AppendPadded(int64_t value, size_t width, LogBuffer& out) {
  char digits[4];
  for (size_t i = width; i > 0; value /= 10) {
    digits[--i] = static_cast<char>('0' + value % 10);
  }
  out.append(digits, digits + width);
}

// As RFC 3339 has it, in UTC and to the millisecond.
void AppendTime(absl::Time time, LogBuffer& out) {
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
  if (format_ == LogFormat::kJson) {
    Append("{\"time\":\"", line_);
    AppendTime(head.time, line_);
    line_.push_back('"');
    Word("level", LogLevelName(head.level));
    Text("message", head.message);
  } else {
    AppendTime(head.time, line_);
    line_.push_back(' ');
    Append(LogLevelName(head.level), line_);
    line_.push_back(' ');
    AppendEscaped(BoundedUtf8(head.message, kMaxValueBytes), line_);
  }
}

void LogLine::Name(absl::string_view name) {
  const bool json = format_ == LogFormat::kJson;
  Append(json ? ",\"" : " ", line_);
  Append(name, line_);
  Append(json ? "\":" : "=", line_);
}

LogLine& LogLine::Text(absl::string_view name, absl::string_view value) {
  Name(name);
  AppendString(value, line_);
  return *this;
}

LogLine& LogLine::Word(absl::string_view name, absl::string_view word) {
  Name(name);
  line_.push_back('"');
  Append(word, line_);
  line_.push_back('"');
  return *this;
}

LogLine& LogLine::Number(absl::string_view name, int64_t value) {
  Name(name);
  const fmt::format_int digits(value);
  line_.append(digits.data(), digits.data() + digits.size());
  return *this;
}

LogLine& LogLine::Flag(absl::string_view name, bool value) {
  Name(name);
  Append(value ? "true" : "false", line_);
  return *this;
}

LogLine& LogLine::Millis(absl::string_view name, absl::Duration value) {
  const int64_t micros = std::max<int64_t>(0, absl::ToInt64Microseconds(value));
  Number(name, micros / 1000);
  line_.push_back('.');
  AppendPadded(micros % 1000, 3, line_);
  return *this;
}

LogLine& LogLine::Decimal(absl::string_view name, absl::string_view digits) {
  Name(name);
  Append(digits.empty() ? "0" : digits, line_);
  return *this;
}

absl::string_view LogLine::Finish() {
  if (format_ == LogFormat::kJson) line_.push_back('}');
  return {line_.data(), line_.size()};
}

}  // namespace holysheep
