#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/log_options.h"

namespace holysheep {

// The level as it is written: `trace`, `debug` and so on.
absl::string_view LogLevelName(LogLevel level);

// The beginning of a log line. Every line has it; fields follow.
struct LogHead {
  LogFormat format = LogFormat::kJson;
  // Not kOff.
  LogLevel level = LogLevel::kInfo;
  // Written in UTC with milliseconds.
  absl::Time time;
  // The event, in a few words. It must not contain secrets; it is escaped like
  // a value.
  absl::string_view message;
};

// The name of a field: a plain word, checked at compile time. It has a fixed
// size, so that a few instructions copy it.
class LogName {
 public:
  // In bytes; a longer name does not compile.
  static constexpr size_t kMost = 24;

  template <size_t kSize>
  consteval LogName(const char (&name)[kSize]) : size_(kSize - 1) {
    static_assert(kSize - 1 <= kMost);
    std::copy_n(name, size_, padded_.begin());
  }

  // Writes the name to `at`, which must have room for kMost bytes, and returns
  // its end.
  char* Put(char* at) const {
    std::memcpy(at, padded_.data(), kMost);
    return at + size_;
  }

 private:
  std::array<char, kMost> padded_ = {};
  size_t size_;
};

// Builds one line: a JSON object, or `time level message name=value ...`.
// Values may hold anything; they are escaped, and cut if they are very long, so
// that they never break the line. Not thread-safe; lives on the stack of one
// call. Every function but Finish returns the line, so that calls can be
// chained. No field may occur twice.
class LogLine {
 public:
  explicit LogLine(const LogHead& head);
  LogLine(const LogLine&) = delete;
  LogLine& operator=(const LogLine&) = delete;

  // In quotes, escaped, at most 16 KiB of valid UTF-8.
  LogLine& Text(const LogName& name, absl::string_view value);
  // A word of this service's own, which needs no escaping. In quotes.
  LogLine& Word(const LogName& name, absl::string_view word);
  LogLine& Number(const LogName& name, int64_t value);
  // `true` or `false`.
  LogLine& Flag(const LogName& name, bool value);
  // Milliseconds with three decimals.
  LogLine& Millis(const LogName& name, absl::Duration value);
  LogLine& Millis(const LogName& name, double value);
  // A plain decimal, written unchanged; 0 if empty.
  LogLine& Decimal(const LogName& name, absl::string_view digits);

  // Returns the whole line without a line end. Valid as long as this object.
  // Call it once, last.
  absl::string_view Finish();

 private:
  // A typical line fits, so that most calls allocate no memory.
  static constexpr size_t kUsual = 1024;

  // Returns the place of the next piece, with room for `bytes`.
  char* Room(size_t bytes) {
    if (static_cast<size_t>(end_ - at_) < bytes) Grow(bytes);
    return at_;
  }
  // Moves the line to the heap, with room for `bytes` more.
  void Grow(size_t bytes);
  // The same for the value of a field, after its name.
  char* Name(const LogName& name, size_t value_bytes);
  LogLine& Micros(const LogName& name, int64_t value);

  const LogFormat format_;
  // The line is in `usual_` or, once that is full, in `long_`; begin_, at_ and
  // end_ point into the one that is used.
  std::array<char, kUsual> usual_;
  std::string long_;
  char* begin_ = usual_.data();
  char* at_ = begin_;
  char* end_ = begin_ + kUsual;
};

}  // namespace holysheep
