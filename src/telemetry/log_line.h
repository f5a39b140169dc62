#pragma once

#include <spdlog/fmt/fmt.h>

#include <cstdint>

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

// Writes one line: an object of JSON, or `time level message name=value ...`.
// Names are plain words; values may hold anything, and never break the line.
class LogLine {
 public:
  explicit LogLine(const LogHead& head);

  LogLine& Text(absl::string_view name, absl::string_view value);
  // One of this service's own words, which has nothing in it to escape.
  LogLine& Word(absl::string_view name, absl::string_view word);
  LogLine& Number(absl::string_view name, int64_t value);
  LogLine& Flag(absl::string_view name, bool value);
  // In milliseconds, to the microsecond.
  LogLine& Millis(absl::string_view name, absl::Duration value);
  LogLine& Millis(absl::string_view name, double value);
  // A plain decimal, written as it is.
  LogLine& Decimal(absl::string_view name, absl::string_view digits);

  // The whole line, without its end; valid while this is. Once, and last.
  absl::string_view Finish();

 private:
  void Name(absl::string_view name);

  const LogFormat format_;
  LogBuffer line_;
};

}  // namespace holysheep
