#include "telemetry/logger.h"

#include <atomic>

#include "absl/time/clock.h"
#include "telemetry/line_queue.h"
#include "telemetry/log_line.h"

namespace holysheep {
namespace {

// Level and format are independent atomics: a line may be judged by the old
// level and written in the new format, which does no harm.
class QueueLogger final : public Logger {
 public:
  explicit QueueLogger(const LoggerOptions& options)
      : level_(options.level),
        format_(options.format),
        lines_(options.descriptor, options.max_bytes) {}

  bool Takes(LogLevel level) const override {
    return level >= level_.load(std::memory_order_relaxed);
  }
  LogFormat format() const override {
    return format_.load(std::memory_order_relaxed);
  }

  void Configure(LogLevel level, LogFormat format) override {
    level_.store(level, std::memory_order_relaxed);
    format_.store(format, std::memory_order_relaxed);
  }

  void Write(LogLevel level, absl::string_view line) override {
    if (Takes(level)) lines_.Push(line);
  }

  int64_t dropped() const override { return lines_.dropped(); }

 private:
  std::atomic<LogLevel> level_;
  std::atomic<LogFormat> format_;
  LineQueue lines_;
};

}  // namespace

void Logger::Say(LogLevel level, absl::string_view message) {
  if (!Takes(level)) return;
  Write(level, LogLine({format(), level, absl::Now(), message}).Finish());
}

std::unique_ptr<Logger> NewLogger(const LoggerOptions& options) {
  return std::make_unique<QueueLogger>(options);
}

}  // namespace holysheep
