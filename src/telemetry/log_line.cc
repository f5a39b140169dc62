#include "telemetry/log_line.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
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

// Room for `size` more characters at the end. Asking once for all pieces of a
// field costs half as much as appending each.
char* Grow(size_t size, LogBuffer& out) {
  const size_t end = out.size();
  out.resize(end + size);
  return out.data() + end;
}

// Where the next piece goes.
char* Put(absl::string_view piece, char* at) {
  std::memcpy(at, piece.data(), piece.size());
  return at + piece.size();
}

void Append(absl::string_view text, LogBuffer& out) {
  Put(text, Grow(text.size(), out));
}

void AppendQuoted(absl::string_view text, LogBuffer& out) {
  char* at = Grow(text.size() + 2, out);
  *at++ = '"';
  at = Put(text, at);
  *at = '"';
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
  if (text.size() <= kMaxValueBytes && IsPlain(text)) {
    return AppendQuoted(text, out);
  }
  out.push_back('"');
  AppendEscaped(BoundedUtf8(text, kMaxValueBytes), out);
  out.push_back('"');
}

// The last `width` digits of a number that is not negative.
void AppendPadded(int64_t value, size_t width, LogBuffer& out) {
  char* digits = Grow(width, out);
  for (size_t i = width; i > 0; value /= 10) {
    digits[--i] = static_cast<char>('0' + value % 10);
  }
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
  const absl::string_view before = json ? ",\"" : " ";
  const absl::string_view after = json ? "\":" : "=";
  char* at = Grow(before.size() + name.size() + after.size(), line_);
  at = Put(before, at);
  at = Put(name, at);
  Put(after, at);
}

LogLine& LogLine::Text(absl::string_view name, absl::string_view value) {
  Name(name);
  AppendString(value, line_);
  return *this;
}

LogLine& LogLine::Word(absl::string_view name, absl::string_view word) {
  Name(name);
  AppendQuoted(word, line_);
  return *this;
}

LogLine& LogLine::Number(absl::string_view name, int64_t value) {
  Name(name);
  const fmt::format_int digits(value);
  Append({digits.data(), digits.size()}, line_);
  return *this;
}

LogLine& LogLine::Flag(absl::string_view name, bool value) {
  Name(name);
  Append(value ? "true" : "false", line_);
  return *this;
}

LogLine& LogLine::Millis(absl::string_view name, absl::Duration value) {
  return Millis(name, absl::ToDoubleMilliseconds(value));
}

LogLine& LogLine::Millis(absl::string_view name, double value) {
  const auto micros = static_cast<int64_t>(std::max(0.0, value) * 1000 + 0.5);
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
