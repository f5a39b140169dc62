#include "telemetry/logger.h"

#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

class LoggerTest : public testing::Test {
 protected:
  LoggerTest() {
    EXPECT_EQ(pipe(ends_), 0);
    options_.descriptor = ends_[1];
  }
  ~LoggerTest() override {
    close(ends_[0]);
    close(ends_[1]);
  }

  // All that `logger` has written, at its end.
  std::string TextOf(std::unique_ptr<Logger> logger) {
    logger.reset();
    fcntl(ends_[0], F_SETFL, O_NONBLOCK);
    std::string text;
    char buffer[65536];
    for (ssize_t n; (n = read(ends_[0], buffer, sizeof(buffer))) > 0;) {
      text.append(buffer, static_cast<size_t>(n));
    }
    return text;
  }

  LoggerOptions options_;
  int ends_[2];
};

TEST_F(LoggerTest, WritesLinesOfItsLevelAndAbove) {
  options_.level = LogLevel::kWarn;
  auto logger = NewLogger(options_);
  EXPECT_FALSE(logger->Takes(LogLevel::kInfo));
  EXPECT_TRUE(logger->Takes(LogLevel::kWarn));
  EXPECT_TRUE(logger->Takes(LogLevel::kError));
  logger->Say(LogLevel::kInfo, "said low");
  logger->Write(LogLevel::kInfo, "written low");
  logger->Say(LogLevel::kWarn, "said high");
  logger->Write(LogLevel::kError, "written high");
  EXPECT_THAT(TextOf(std::move(logger)),
              AllOf(HasSubstr("said high"), HasSubstr("written high\n"),
                    Not(HasSubstr("low"))));
}

TEST_F(LoggerTest, OffTakesNothing) {
  options_.level = LogLevel::kOff;
  auto logger = NewLogger(options_);
  EXPECT_FALSE(logger->Takes(LogLevel::kError));
  logger->Say(LogLevel::kError, "said");
  EXPECT_EQ(TextOf(std::move(logger)), "");
}

TEST_F(LoggerTest, ANewLevelAndFormatHoldForTheLinesThatFollow) {
  auto logger = NewLogger(options_);
  logger->Say(LogLevel::kInfo, "one");
  logger->Configure(LogLevel::kDebug, LogFormat::kText);
  EXPECT_EQ(logger->format(), LogFormat::kText);
  logger->Say(LogLevel::kDebug, "two");
  logger->Configure(LogLevel::kError, LogFormat::kJson);
  logger->Say(LogLevel::kWarn, "three");
  EXPECT_THAT(TextOf(std::move(logger)),
              MatchesRegex("\\{\"time\":\".*Z\",\"level\":\"info\","
                           "\"message\":\"one\"\\}\n.*Z debug two\n"));
}

TEST_F(LoggerTest, AReaderThatStopsCostsLinesWhichAreCounted) {
  options_.max_bytes = 10'000;
  auto logger = NewLogger(options_);
  EXPECT_EQ(logger->dropped(), 0);
  const std::string line(99, 'x');
  for (int i = 0; i < 5000; ++i) logger->Write(LogLevel::kInfo, line);
  EXPECT_GT(logger->dropped(), 0);
}

}  // namespace
}  // namespace holysheep
