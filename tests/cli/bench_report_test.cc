#include "cli/bench_report.h"

#include <rapidjson/document.h>

#include <regex>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

CallSample Success(int milliseconds) {
  CallSample sample;
  sample.ended = absl::Milliseconds(milliseconds);
  sample.latency = absl::Milliseconds(milliseconds);
  sample.tokens = 10;
  return sample;
}

CallSample Failure(const std::string& reason) {
  CallSample sample = Success(1);
  sample.failure = reason;
  return sample;
}

BenchReport HundredCalls() {
  BenchReport report;
  report.setup = {"127.0.0.1:50051", 102, 20, 0, false, "all the same"};
  for (int i = 1; i <= 100; ++i) {
    CallSample sample = Success(i);
    sample.cached = i <= 30;
    sample.joined = i > 95;
    report.Add(sample);
  }
  report.Add(Failure("RATE_LIMITED_LOCAL"));
  report.Add(Failure("<script src='http://evil/'>"));
  return report;
}

TEST(BenchReportTest, FailuresCountByReasonAndHaveNoLatency) {
  const BenchReport report = HundredCalls();
  EXPECT_EQ(report.succeeded, 100);
  EXPECT_EQ(report.failed, 2);
  EXPECT_EQ(report.failures.at("RATE_LIMITED_LOCAL"), 1);
  EXPECT_EQ(report.latency.count(), 100);
  EXPECT_EQ(report.cached, 30);
  EXPECT_EQ(report.joined, 5);
  EXPECT_EQ(report.tokens, 1000);
  EXPECT_EQ(report.elapsed, absl::Milliseconds(100));
  EXPECT_DOUBLE_EQ(report.Throughput(), 1020);
}

TEST(BenchReportTest, ReasonsAreBounded) {
  BenchReport report;
  for (int i = 0; i < 1000; ++i) report.Add(Failure(std::to_string(i)));
  EXPECT_LE(report.failures.size(), 51u);
  EXPECT_EQ(report.failures.at("other"), 950);
}

TEST(TimelineTest, ALongRunHasWiderSlicesAndLosesNothing) {
  Timeline timeline;
  for (int second = 0; second < 3600; ++second) {
    timeline.Add(absl::Seconds(second), second % 2 == 0);
  }
  EXPECT_LE(timeline.slices().size(), Timeline::kMaxSlices);
  int64_t succeeded = 0;
  int64_t failed = 0;
  for (const auto& slice : timeline.slices()) {
    succeeded += slice.succeeded;
    failed += slice.failed;
  }
  EXPECT_EQ(succeeded, 1800);
  EXPECT_EQ(failed, 1800);
  EXPECT_GE(timeline.width() * Timeline::kMaxSlices, absl::Seconds(3600));
}

TEST(TimelineTest, ACallIsCountedWhereItEnded) {
  Timeline timeline;
  timeline.Add(absl::Milliseconds(25), true);
  ASSERT_EQ(timeline.slices().size(), 3u);
  EXPECT_EQ(timeline.slices()[2].succeeded, 1);
}

TEST(BenchTextTest, SaysWhatPeopleAskFor) {
  const std::string text = BenchText(HundredCalls(), 80);
  EXPECT_THAT(text, HasSubstr("102 of 102, 20 at once"));
  EXPECT_THAT(text, HasSubstr("1020.0 calls/s, 61,200 a minute"));
  EXPECT_THAT(text, HasSubstr("RATE_LIMITED_LOCAL 1"));
  EXPECT_THAT(text, HasSubstr("30 (30.0 %), joined 5"));
  EXPECT_THAT(text, HasSubstr("latency  50.5 ms  1.00 ms"));
  EXPECT_THAT(text, HasSubstr("█"));
  EXPECT_THAT(text, Not(HasSubstr("first token")));
}

TEST(BenchTextTest, WithoutASuccessThereAreNoTimes) {
  BenchReport report;
  report.Add(Failure("DRAINING"));
  EXPECT_THAT(BenchText(report, 80), HasSubstr("1 (DRAINING 1)"));
  EXPECT_THAT(BenchText(report, 80), Not(HasSubstr("P95")));
}

TEST(BenchJsonTest, HasEveryFigure) {
  BenchReport report = HundredCalls();
  CallSample streamed = Success(100);
  streamed.first_token = absl::Milliseconds(7);
  report.Add(streamed);
  rapidjson::Document json;
  json.Parse(BenchJson(report).c_str());
  ASSERT_FALSE(json.HasParseError());
  EXPECT_EQ(json["succeeded"].GetInt(), 101);
  EXPECT_EQ(json["failed"].GetInt(), 2);
  EXPECT_EQ(json["failures"]["RATE_LIMITED_LOCAL"].GetInt(), 1);
  EXPECT_EQ(json["setup"]["concurrency"].GetInt(), 20);
  EXPECT_EQ(json["first_token_ms"]["avg"].GetDouble(), 7);
  const auto& latency = json["latency_ms"];
  EXPECT_EQ(latency["min"].GetDouble(), 1);
  EXPECT_EQ(latency["max"].GetDouble(), 100);
  EXPECT_NEAR(latency["p50"].GetDouble(), 51, 0.3);
  EXPECT_NEAR(latency["p95"].GetDouble(), 96, 0.5);
  EXPECT_NEAR(latency["p99"].GetDouble(), 100, 0.5);
}

// Empty if every tag of `xml` is closed in order and no text has a bare `<` or
// `&`; else what is wrong.
std::string XmlProblem(const std::string& xml) {
  static const std::regex kTag(
      R"(<(/?)([a-zA-Z0-9]+)((?:\s+[\w:-]+="[^"<]*")*)"
      R"(\s*)(/?)>|<!DOCTYPE html>|&(?:amp|lt|gt|quot);|[<&])");
  std::vector<std::string> open;
  for (std::sregex_iterator it(xml.begin(), xml.end(), kTag), end; it != end;
       ++it) {
    const std::smatch& match = *it;
    if (match[0] == "<" || match[0] == "&") return "bare " + match[0].str();
    if (!match[2].matched || match[4] == "/") continue;
    if (match[1] != "/") {
      open.push_back(match[2]);
    } else if (open.empty() || open.back() != match[2]) {
      return "unexpected </" + match[2].str() + ">";
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : "open <" + open.back() + ">";
}

TEST(BenchHtmlTest, TheCheckSeesWhatIsWrong) {
  EXPECT_EQ(XmlProblem("<a b=\"c\"><d/>x &amp; y</a>"), "");
  EXPECT_EQ(XmlProblem("<a><b></a>"), "unexpected </a>");
  EXPECT_EQ(XmlProblem("<a>"), "open <a>");
  EXPECT_EQ(XmlProblem("<a>1 < 2</a>"), "bare <");
}

TEST(BenchHtmlTest, IsWellFormedWhateverTheReasons) {
  EXPECT_EQ(XmlProblem(BenchHtml(HundredCalls())), "");
  EXPECT_EQ(XmlProblem(BenchHtml(BenchReport())), "");
}

TEST(BenchHtmlTest, NeedsNothingButItself) {
  const std::string html = BenchHtml(HundredCalls());
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("<link")));
  EXPECT_THAT(html, Not(HasSubstr("@import")));
  EXPECT_THAT(html, Not(HasSubstr("url(")));
  EXPECT_FALSE(std::regex_search(html, std::regex("(src|href)=\"")));
}

TEST(BenchHtmlTest, HasATableAndThreePlots) {
  const std::string html = BenchHtml(HundredCalls());
  EXPECT_THAT(html, HasSubstr("<td>50.5 ms</td>"));
  EXPECT_THAT(html, HasSubstr("<td>RATE_LIMITED_LOCAL</td><td>1</td>"));
  const std::regex svg("<svg ");
  EXPECT_EQ(
      std::distance(std::sregex_iterator(html.begin(), html.end(), svg), {}),
      3);
}

TEST(BenchHtmlTest, NoNumberOfAnEmptyReportIsInfiniteOrNone) {
  const std::string html = BenchHtml(BenchReport());
  EXPECT_FALSE(std::regex_search(html, std::regex("\\b(nan|inf)\\b")));
}

}  // namespace
}  // namespace holysheep
