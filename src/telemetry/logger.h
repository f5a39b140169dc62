#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "base/log_options.h"

namespace holysheep {

struct LoggerOptions {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kJson;
  int descriptor = 2;
  // Lines that nobody has read yet; beyond that the oldest are dropped.
  size_t max_bytes = 4 << 20;
};

// The service's log. Never blocks; thread-safe.
class Logger {
 public:
  virtual ~Logger() = default;

  // Whether lines of this level are written.
  virtual bool Takes(LogLevel level) const = 0;
  virtual LogFormat format() const = 0;
  // Takes effect for the lines that follow.
  virtual void Configure(LogLevel level, LogFormat format) = 0;

  // Writes a line as LogLine makes it.
  virtual void Write(LogLevel level, absl::string_view line) = 0;

  // Lines that were dropped.
  virtual int64_t dropped() const = 0;

  // Writes a line that is a message and nothing more.
  void Say(LogLevel level, absl::string_view message);
};

std::unique_ptr<Logger> NewLogger(const LoggerOptions& options);

}  // namespace holysheep
