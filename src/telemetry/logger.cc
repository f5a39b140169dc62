#include "telemetry/logger.h"

#include <atomic>

#include "absl/time/clock.h"
#include "spdlog/logger.h"
#include "spdlog/sinks/sink.h"
#include "telemetry/line_queue.h"
#include "telemetry/log_line.h"

namespace holysheep {
namespace {

// Lines come to it whole; it has no pattern to add.
class QueueSink final : public spdlog::sinks::sink {
 public:
  QueueSink(int descriptor, size_t max_bytes) : lines_(descriptor, max_bytes) {}

  void log(const spdlog::details::log_msg& message) override {
    lines_.Push({message.payload.data(), message.payload.size()});
  }
  void flush() override {}
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

  int64_t dropped() const { return lines_.dropped(); }

 private:
  LineQueue lines_;
};

spdlog::level::level_enum LevelOf(LogLevel level) {
  switch (level) {
    case LogLevel::kTrace:
      return spdlog::level::trace;
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kOff:
      return spdlog::level::off;
  }
  return spdlog::level::off;
}

class SpdLogger final : public Logger {
 public:
  explicit SpdLogger(const LoggerOptions& options)
      : sink_(
            std::make_shared<QueueSink>(options.descriptor, options.max_bytes)),
        logger_("holysheep-node", sink_) {
    Configure(options.level, options.format);
  }

  bool Takes(LogLevel level) const override {
    return logger_.should_log(LevelOf(level));
  }
  LogFormat format() const override { return format_; }

  void Configure(LogLevel level, LogFormat format) override {
    logger_.set_level(LevelOf(level));
    format_ = format;
  }

  void Write(LogLevel level, absl::string_view line) override {
    // The line has its time; another would only be another look at the clock.
    logger_.log(spdlog::log_clock::time_point(), spdlog::source_loc(),
                LevelOf(level),
                spdlog::string_view_t(line.data(), line.size()));
  }

  int64_t dropped() const override { return sink_->dropped(); }

 private:
  const std::shared_ptr<QueueSink> sink_;
  spdlog::logger logger_;
  std::atomic<LogFormat> format_ = LogFormat::kJson;
};

}  // namespace

void Logger::Say(LogLevel level, absl::string_view message) {
  if (!Takes(level)) return;
  Write(level, LogLine({format(), level, absl::Now(), message}).Finish());
}

std::unique_ptr<Logger> NewLogger(const LoggerOptions& options) {
  return std::make_unique<SpdLogger>(options);
}

}  // namespace holysheep
