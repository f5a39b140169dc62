#include "cli/bench/bench_report.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep::cli {
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

TEST(BenchTextTest, SaysThatItWasABatch) {
  BenchReport report = HundredCalls();
  report.setup.batch = true;
  EXPECT_THAT(BenchText(report, 80), HasSubstr("20 at once, in a batch"));
  EXPECT_THAT(BenchHtml(report), HasSubstr("20 at once, in a batch;"));
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

// Takes one tag off the front of `xml`, which begins after its `<`, and keeps
// book of the open ones. False if that is no tag or closes the wrong one.
bool TakeTag(absl::string_view& xml, std::vector<std::string>& open) {
  const size_t end = xml.find('>');
  if (end == xml.npos || xml.substr(0, end).find('<') != xml.npos) return false;
  absl::string_view tag = xml.substr(0, end);
  xml.remove_prefix(end + 1);
  if (tag == "!DOCTYPE html" || absl::EndsWith(tag, "/")) return true;
  if (std::count(tag.begin(), tag.end(), '"') % 2 != 0) return false;
  if (!absl::ConsumePrefix(&tag, "/")) {
    open.emplace_back(tag.substr(0, tag.find(' ')));
    return absl::ascii_isalpha(tag[0]);
  }
  if (open.empty() || open.back() != tag) return false;
  open.pop_back();
  return true;
}

bool IsEntity(absl::string_view text) {
  return absl::StartsWith(text, "amp;") || absl::StartsWith(text, "lt;") ||
         absl::StartsWith(text, "gt;") || absl::StartsWith(text, "quot;");
}

// Whether every tag is closed in order, and no `<` or `&` stands for itself.
bool IsWellFormed(absl::string_view xml) {
  std::vector<std::string> open;
  while (true) {
    const size_t next = xml.find_first_of("<&");
    if (next == xml.npos) return open.empty();
    const bool is_tag = xml[next] == '<';
    xml.remove_prefix(next + 1);
    if (is_tag ? !TakeTag(xml, open) : !IsEntity(xml)) return false;
  }
}

TEST(BenchHtmlTest, TheCheckSeesWhatIsWrong) {
  EXPECT_TRUE(IsWellFormed("<a b=\"c\"><d/>x &amp; y</a>"));
  for (const char* wrong : {"<a><b></a>", "<a>", "</a>", "<a>1 < 2</a>",
                            "<a>x & y</a>", "<a b=\"></a>"}) {
    EXPECT_FALSE(IsWellFormed(wrong)) << wrong;
  }
}

TEST(BenchHtmlTest, IsWellFormedWhateverTheReasons) {
  EXPECT_TRUE(IsWellFormed(BenchHtml(HundredCalls())));
  EXPECT_TRUE(IsWellFormed(BenchHtml(BenchReport())));
}

TEST(BenchHtmlTest, NeedsNothingButItself) {
  const std::string html = BenchHtml(HundredCalls());
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("<link")));
  EXPECT_THAT(html, Not(HasSubstr("@import")));
  EXPECT_THAT(html, Not(HasSubstr("url(")));
  EXPECT_THAT(html, Not(HasSubstr("src=\"")));
  EXPECT_THAT(html, Not(HasSubstr("href=")));
}

TEST(BenchHtmlTest, HasATableAndThreePlots) {
  const std::string html = BenchHtml(HundredCalls());
  EXPECT_THAT(html, HasSubstr("<td>50.5 ms</td>"));
  EXPECT_THAT(html, HasSubstr("<td>RATE_LIMITED_LOCAL</td><td>1</td>"));
  const std::vector<std::string> parts = absl::StrSplit(html, "<svg ");
  EXPECT_EQ(parts.size(), 4u);
}

TEST(BenchHtmlTest, WithoutASuccessThereAreNoTimes) {
  BenchReport report;
  report.Add(Failure("DRAINING"));
  const std::string html = BenchHtml(report);
  EXPECT_THAT(html, HasSubstr("<td>DRAINING</td><td>1</td>"));
  EXPECT_THAT(html, HasSubstr("Throughput over time"));
  EXPECT_THAT(html, Not(HasSubstr("P95")));
  EXPECT_THAT(html, Not(HasSubstr("Latency")));
  EXPECT_TRUE(IsWellFormed(html));
}

TEST(BenchHtmlTest, TheAxesSayHowTheyAreDivided) {
  const std::string html = BenchHtml(HundredCalls());
  EXPECT_THAT(html, HasSubstr(">latency, logarithmic<"));
  EXPECT_THAT(html, HasSubstr(">0 ms<"));
}

TEST(BenchHtmlTest, NoNumberOfAnEmptyReportIsInfiniteOrNone) {
  const std::string html = BenchHtml(BenchReport());
  EXPECT_THAT(html, Not(HasSubstr("nan")));
  EXPECT_THAT(html, Not(HasSubstr("inf")));
}

}  // namespace
}  // namespace holysheep::cli
