#include "telemetry/log_line.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>

#include "base/utf8.h"

namespace holysheep {
namespace {

// Longer values are cut. A prompt in full may be megabytes long, and a line of
// that length is of no use.
constexpr size_t kMaxValueBytes = 16'384;

// Enough for any 64-bit number with a sign and the three decimals of Millis.
constexpr size_t kNumberBytes = 24;

// The Put functions write a piece to `at`, where there must be room for it, and
// return its end.
char* Put(absl::string_view piece, char* at) {
  return std::copy(piece.begin(), piece.end(), at);
}

// The number of characters that are tested together, which the compiler does
// with a few vector instructions.
constexpr size_t kTogether = 16;

// Whether all kTogether characters are printable ASCII that JSON does not
// escape.
bool ArePlain(const char* chars) {
  unsigned char odd = 0;
  for (size_t i = 0; i < kTogether; ++i) {
    const auto c = static_cast<unsigned char>(chars[i]);
    odd |= (c < ' ') | (c > '~') | (c == '"') | (c == '\\');
  }
  return odd == 0;
}

// A short text is padded, and the last step of a long one overlaps, so that
// every test is of kTogether characters.
bool IsPlain(absl::string_view text) {
  if (text.size() < kTogether) {
    std::array<char, kTogether> padded;
    padded.fill(' ');
    Put(text, padded.data());
    return ArePlain(padded.data());
  }
  const size_t last = text.size() - kTogether;
  bool plain = ArePlain(text.data() + last);
  for (size_t i = 0; i < last; i += kTogether) {
    plain = plain && ArePlain(text.data() + i);
  }
  return plain;
}

char* PutQuoted(absl::string_view text, char* at) {
  *at++ = '"';
  at = Put(text, at);
  *at++ = '"';
  return at;
}

char* PutNumber(int64_t value, char* at) {
  return std::to_chars(at, at + kNumberBytes, value).ptr;
}

// Writes exactly kDigits digits of a number that is not negative.
template <int kDigits>
char* PutPadded(unsigned value, char* at) {
  for (int i = kDigits; i > 0; value /= 10) {
    at[--i] = static_cast<char>('0' + value % 10);
  }
  return at + kDigits;
}

char* PutPart(char separator, unsigned value, char* at) {
  *at++ = separator;
  return PutPadded<2>(value, at);
}

// RFC 3339, in UTC and with milliseconds. Written by hand, because every call
// pays for it.
char* PutTime(absl::Time time, char* at) {
  constexpr unsigned kSecond = 1000;
  constexpr unsigned kMinute = 60 * kSecond;
  constexpr unsigned kHour = 60 * kMinute;
  const std::chrono::sys_time<std::chrono::milliseconds> when(
      std::chrono::milliseconds(absl::ToUnixMillis(time)));
  const auto midnight = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date(midnight);
  const auto of_day = static_cast<unsigned>((when - midnight).count());
  at = PutPadded<4>(static_cast<unsigned>(int{date.year()}), at);
  at = PutPart('-', unsigned{date.month()}, at);
  at = PutPart('-', unsigned{date.day()}, at);
  at = PutPart('T', of_day / kHour, at);
  at = PutPart(':', of_day % kHour / kMinute, at);
  at = PutPart(':', of_day % kMinute / kSecond, at);
  *at++ = '.';
  at = PutPadded<3>(of_day % kSecond, at);
  *at++ = 'Z';
  return at;
}

// The most bytes that one character may become.
constexpr size_t kMostEscaped = 6;

char* PutEscaped(absl::string_view text, char* at) {
  constexpr char kHex[] = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      *at++ = '\\';
      *at++ = c;
    } else if (byte < ' ' || byte == 0x7f) {
      at = Put("\\u00", at);
      *at++ = kHex[byte >> 4];
      *at++ = kHex[byte & 0xf];
    } else {
      *at++ = c;
    }
  }
  return at;
}

}  // namespace

absl::string_view LogLevelName(LogLevel level) {
  constexpr absl::string_view kNames[] = {"trace", "debug", "info",
                                          "warn",  "error", "off"};
  return kNames[static_cast<int>(level)];
}

LogLine::LogLine(const LogHead& head) : format_(head.format) {
  if (format_ == LogFormat::kJson) {
    at_ = Put("{\"time\":\"", at_);
    at_ = PutTime(head.time, at_);
    *at_++ = '"';
    Word("level", LogLevelName(head.level));
    Text("message", head.message);
  } else {
    at_ = PutTime(head.time, at_);
    *at_++ = ' ';
    at_ = Put(LogLevelName(head.level), at_);
    *at_++ = ' ';
    const std::string message = BoundedUtf8(head.message, kMaxValueBytes);
    at_ = PutEscaped(message, Room(kMostEscaped * message.size()));
  }
}

// Doubles, so that a long line is copied a few times at most.
void LogLine::Grow(size_t bytes) {
  const auto size = static_cast<size_t>(at_ - begin_);
  if (long_.empty()) long_.assign(begin_, size);
  long_.resize(2 * size + bytes);
  begin_ = long_.data();
  at_ = begin_ + size;
  end_ = begin_ + long_.size();
}

char* LogLine::Name(const LogName& name, size_t value_bytes) {
  constexpr size_t kAround = 4;
  char* at = Room(LogName::kMost + kAround + value_bytes);
  if (format_ == LogFormat::kText) {
    *at++ = ' ';
    at = name.Put(at);
    *at++ = '=';
    return at;
  }
  *at++ = ',';
  *at++ = '"';
  at = name.Put(at);
  *at++ = '"';
  *at++ = ':';
  return at;
}

LogLine& LogLine::Text(const LogName& name, absl::string_view value) {
  if (value.size() <= kMaxValueBytes && IsPlain(value)) {
    return Word(name, value);
  }
  const std::string text = BoundedUtf8(value, kMaxValueBytes);
  char* at = Name(name, kMostEscaped * text.size() + 2);
  *at++ = '"';
  at_ = PutEscaped(text, at);
  *at_++ = '"';
  return *this;
}

LogLine& LogLine::Word(const LogName& name, absl::string_view word) {
  at_ = PutQuoted(word, Name(name, word.size() + 2));
  return *this;
}

LogLine& LogLine::Number(const LogName& name, int64_t value) {
  at_ = PutNumber(value, Name(name, kNumberBytes));
  return *this;
}

LogLine& LogLine::Flag(const LogName& name, bool value) {
  return Decimal(name, value ? "true" : "false");
}

LogLine& LogLine::Millis(const LogName& name, absl::Duration value) {
  return Micros(name,
                absl::ToInt64Microseconds(value + absl::Nanoseconds(500)));
}

LogLine& LogLine::Millis(const LogName& name, double value) {
  return Micros(name, static_cast<int64_t>(value * 1000 + 0.5));
}

LogLine& LogLine::Micros(const LogName& name, int64_t value) {
  const int64_t micros = std::max<int64_t>(0, value);
  char* at = PutNumber(micros / 1000, Name(name, kNumberBytes));
  *at++ = '.';
  at_ = PutPadded<3>(static_cast<unsigned>(micros % 1000), at);
  return *this;
}

LogLine& LogLine::Decimal(const LogName& name, absl::string_view digits) {
  const absl::string_view text = digits.empty() ? "0" : digits;
  at_ = Put(text, Name(name, text.size()));
  return *this;
}

absl::string_view LogLine::Finish() {
  if (format_ == LogFormat::kJson) {
    *Room(1) = '}';
    ++at_;
  }
  return {begin_, static_cast<size_t>(at_ - begin_)};
}

}  // namespace holysheep
