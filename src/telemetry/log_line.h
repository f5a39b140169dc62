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

absl::string_view LogLevelName(LogLevel level);

// What one line of the log starts with.
struct LogHead {
  LogFormat format = LogFormat::kJson;
  LogLevel level = LogLevel::kInfo;
  absl::Time time;
  // What happened, in a few words.
  absl::string_view message;
};

// The name of a field: a plain word, as the source has it. Of a fixed size, so
// that it is copied by a few instructions.
class LogName {
 public:
  static constexpr size_t kMost = 24;

  template <size_t kSize>
  consteval LogName(const char (&name)[kSize]) : size_(kSize - 1) {
    static_assert(kSize - 1 <= kMost);
    std::copy_n(name, size_, padded_.begin());
  }

  // Puts the name where there is room for kMost; where it ends.
  char* Put(char* at) const {
    std::memcpy(at, padded_.data(), kMost);
    return at + size_;
  }

 private:
  std::array<char, kMost> padded_ = {};
  size_t size_;
};

// Writes one line: an object of JSON, or `time level message name=value ...`.
// Values may hold anything, and never break the line.
class LogLine {
 public:
  explicit LogLine(const LogHead& head);
  LogLine(const LogLine&) = delete;
  LogLine& operator=(const LogLine&) = delete;

  LogLine& Text(const LogName& name, absl::string_view value);
  // One of this service's own words, which has nothing in it to escape.
  LogLine& Word(const LogName& name, absl::string_view word);
  LogLine& Number(const LogName& name, int64_t value);
  LogLine& Flag(const LogName& name, bool value);
  // In milliseconds, to the microsecond.
  LogLine& Millis(const LogName& name, absl::Duration value);
  LogLine& Millis(const LogName& name, double value);
  // A plain decimal, written as it is.
  LogLine& Decimal(const LogName& name, absl::string_view digits);

  // The whole line, without its end; valid while this is. Once, and last.
  absl::string_view Finish();

 private:
  // A usual line fits, so that a call takes no memory for its own.
  static constexpr size_t kUsual = 1024;

  // Where the next piece goes, with room for so many bytes.
  char* Room(size_t bytes) {
    if (static_cast<size_t>(end_ - at_) < bytes) Grow(bytes);
    return at_;
  }
  void Grow(size_t bytes);
  // The same for the value of a field, behind its name.
  char* Name(const LogName& name, size_t value_bytes);
  LogLine& Micros(const LogName& name, int64_t value);

  const LogFormat format_;
  std::array<char, kUsual> usual_;
  std::string long_;
  char* begin_ = usual_.data();
  char* at_ = begin_;
  char* end_ = begin_ + kUsual;
};

}  // namespace holysheep
