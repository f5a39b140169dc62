#pragma once

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

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

// A usual line fits, so that a call takes no memory for its own.
using LogBuffer = fmt::basic_memory_buffer<char, 1024>;

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
  // Where the field's value goes, with room for so many bytes.
  char* Name(const LogName& name, size_t value_bytes);
  char* Room(size_t bytes);
  // What was put there ends here.
  void End(const char* at);
  LogLine& Micros(const LogName& name, int64_t value);

  const LogFormat format_;
  LogBuffer line_;
};

}  // namespace holysheep
