#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "base/log_options.h"

namespace holysheep {

// Settings of the log.
struct LoggerOptions {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kJson;
  // Standard error by default.
  int descriptor = 2;
  // The bound on lines that have not been written; beyond it the oldest are
  // dropped.
  size_t max_bytes = 4 << 20;

  bool operator==(const LoggerOptions&) const = default;
};

// The service's log. Writing never blocks. Thread-safe. Lines leave through a
// LineQueue. One logger per process, passed to those who log.
class Logger {
 public:
  virtual ~Logger() = default;

  // Whether lines of `level` are written. Ask before building a line that is
  // expensive.
  virtual bool Takes(LogLevel level) const = 0;
  // For the head of a LogLine.
  virtual LogFormat format() const = 0;
  // Applies to the lines that follow.
  virtual void Configure(LogLevel level, LogFormat format) = 0;

  // Writes a line that a LogLine has built. Drops it if `level` is not logged
  // now. Copies `line`.
  virtual void Write(LogLevel level, absl::string_view line) = 0;

  // The number of lines that were dropped.
  virtual int64_t dropped() const = 0;

  // Writes a line that consists of a message only. `message` must not contain
  // secrets.
  void Say(LogLevel level, absl::string_view message);
};

// The destructor writes what is left, for at most a second.
std::unique_ptr<Logger> NewLogger(const LoggerOptions& options);

}  // namespace holysheep
