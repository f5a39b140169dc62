#include "telemetry/log_line.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "json/json.h"

namespace holysheep {
namespace {

LogHead Head(LogFormat format) {
  return {format, LogLevel::kWarn,
          absl::FromUnixSeconds(1'700'000'000) + absl::Milliseconds(7),
          "hello"};
}

TEST(LogLineTest, IsAnObjectOfJson) {
  LogLine line(Head(LogFormat::kJson));
  line.Text("who", "a").Number("count", -3).Flag("yes", true);
  line.Millis("ms", absl::Microseconds(12'034)).Decimal("usd", "0.10");
  EXPECT_EQ(line.Finish(),
            "{\"time\":\"2023-11-14T22:13:20.007Z\",\"level\":\"warn\","
            "\"message\":\"hello\",\"who\":\"a\",\"count\":-3,\"yes\":true,"
            "\"ms\":12.034,\"usd\":0.10}");
}

TEST(LogLineTest, IsTextForPeople) {
  LogLine line(Head(LogFormat::kText));
  line.Text("who", "a b").Number("count", 3);
  EXPECT_EQ(line.Finish(),
            "2023-11-14T22:13:20.007Z warn hello who=\"a b\" count=3");
}

TEST(LogLineTest, NoValueBreaksTheLine) {
  std::string nasty;
  for (int c = 0; c < 256; ++c) nasty.push_back(static_cast<char>(c));
  for (const LogFormat format : {LogFormat::kJson, LogFormat::kText}) {
    LogLine line(Head(format));
    line.Text("nasty", nasty);
    const std::string text(line.Finish());
    EXPECT_THAT(text, testing::Not(testing::HasSubstr("\n")));
    if (format == LogFormat::kJson) {
      EXPECT_TRUE(CheckJsonObject(text).ok()) << text;
    }
  }
}

TEST(LogLineTest, IsWholeWhereverItsMemoryHasToGrow) {
  const std::string second = "\"\n" + std::string(1500, 'b');
  for (size_t length = 0; length < 1100; ++length) {
    const std::string first(length, 'a');
    LogLine line(Head(LogFormat::kText));
    line.Word("a", first).Number("n", INT64_MIN).Millis("ms", 0.5);
    line.Text("b", second).Text("c", first).Flag("f", true);
    ASSERT_EQ(line.Finish(),
              absl::StrCat("2023-11-14T22:13:20.007Z warn hello a=\"", first,
                           "\" n=-9223372036854775808 ms=0.500 b=\"\\\"\\u000a",
                           second.substr(2), "\" c=\"", first, "\" f=true"));
  }
}

TEST(LogLineTest, TheLastByteMayNeedMoreMemory) {
  for (size_t length = 0; length < 1100; ++length) {
    LogLine line(Head(LogFormat::kJson));
    const std::string word(length, 'a');
    const std::string text(line.Word("a", word).Finish());
    ASSERT_THAT(text, testing::EndsWith(absl::StrCat("\"", word, "\"}")));
  }
}

TEST(LogLineTest, NothingAndForEverAreValues) {
  LogLine line(Head(LogFormat::kText));
  line.Text("a", {}).Word("b", {}).Millis("c", absl::InfiniteDuration());
  EXPECT_THAT(std::string(line.Finish()),
              testing::EndsWith(" a=\"\" b=\"\" c=9223372036854775.807"));
}

TEST(LogLineTest, ALongValueIsCut) {
  LogLine line(Head(LogFormat::kJson));
  line.Text("long", std::string(1 << 20, 'x'));
  EXPECT_LT(line.Finish().size(), 17'000u);
}

}  // namespace
}  // namespace holysheep
