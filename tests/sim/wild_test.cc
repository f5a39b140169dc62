#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/control.h"
#include "sim/json_reader.h"
#include "sim/plan_text.h"
#include "sim/rule_book.h"
#include "sim/wild/wild_kinds.h"
#include "sim/wild/wild_plan.h"

namespace holysheep::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

const WildKind& Kind(absl::string_view name) {
  const WildKind* kind = FindWildKind(name);
  EXPECT_NE(kind, nullptr) << name;
  return *kind;
}

Plan Streamed(absl::string_view name) {
  return *PlanWild(Kind(name), {.stream = true});
}

std::optional<Plan> ReplyTo(absl::string_view name, absl::string_view body) {
  return PlanWild(Kind(name), {.stream = true, .body = body});
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (absl::string_view line :
       absl::StrSplit(ListWildKinds(), '\n', absl::SkipEmpty())) {
    names.emplace_back(line.substr(0, line.find(' ')));
  }
  return names;
}

TEST(WildTest, EveryKindHasANameOfItsOwnAndALine) {
  const auto names = Names();
  EXPECT_GT(names.size(), 60u);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(),
            names.size());
  for (const std::string& name : names) {
    EXPECT_FALSE(Kind(name).sends.empty()) << name;
    EXPECT_FALSE(Kind(name).right.empty()) << name;
  }
}

TEST(WildTest, EveryKindAnswersOrRefuses) {
  for (const std::string& name : Names()) {
    const WildKind& kind = Kind(name);
    EXPECT_NE(kind.refusals.empty(), kind.stream.empty() && kind.whole.empty())
        << name;
  }
}

TEST(WildTest, AStreamHasItsPiecesAsTheyAre) {
  EXPECT_THAT(EventsOf(Streamed("done-alone")), ElementsAre("[DONE]"));
  EXPECT_THAT(TextOf(Streamed("bom")), HasSubstr("\xef\xbb\xbf"
                                                 "data: {"));
}

TEST(WildTest, ARequestThatIsNotStreamedGetsTheWholeAnswer) {
  const Plan plan = *PlanWild(Kind("null-error"), {.stream = false});
  EXPECT_THAT(plan.head, HasSubstr("application/json"));
  EXPECT_TRUE(ParseJson(plan.body.at(0).bytes).ok());
}

TEST(WildTest, PausesAreKept) {
  EXPECT_GT(LengthOf(Streamed("finish-before-text")), absl::Seconds(5));
}

TEST(WildTest, ABrokenStreamHasNoEnd) {
  const Plan plan = Streamed("text-after-finish");
  EXPECT_EQ(plan.ending, Ending::kClose);
  EXPECT_THAT(TextOf(plan), Not(EndsWith("0\r\n\r\n")));
  EXPECT_THAT(TextOf(Streamed("text-after-finish-ended")),
              EndsWith("0\r\n\r\n"));
}

TEST(WildTest, AnOpenStreamIsNeverEnded) {
  EXPECT_EQ(Streamed("hang-after-finish").ending, Ending::kHang);
}

TEST(WildTest, StatusAndHeadersAreTheKinds) {
  const Plan plan = Streamed("wait-ms-header");
  EXPECT_THAT(plan.head, HasSubstr("HTTP/1.1 429 "));
  EXPECT_THAT(plan.head, HasSubstr("\r\nretry-after-ms: 1200\r\n"));
}

TEST(WildTest, ACompressedBodySaysSo) {
  const Plan plan = Streamed("gzip-unasked");
  EXPECT_THAT(plan.head, HasSubstr("content-encoding: gzip\r\n"));
  EXPECT_THAT(TextOf(plan), HasSubstr("\x1f\x8b"));
  EXPECT_THAT(TextOf(plan), Not(HasSubstr("choices")));
}

TEST(WildTest, ADialectRefusesTwoMembersOnlyTogether) {
  EXPECT_TRUE(ReplyTo("dialect-claude", R"({"temperature":1,"top_p":1})"));
  EXPECT_FALSE(ReplyTo("dialect-claude", R"({"temperature":1})"));
}

TEST(WildTest, ADialectRefusesAValueOtherThanOne) {
  EXPECT_TRUE(ReplyTo("dialect-gpt-5", R"({"temperature":0.7})"));
  EXPECT_FALSE(ReplyTo("dialect-gpt-5", R"({"temperature":1.0})"));
}

TEST(WildTest, ADialectRefusesAMember) {
  const auto plan = ReplyTo("dialect-no-stream-options",
                            R"({"stream_options":{"include_usage":true}})");
  ASSERT_TRUE(plan.has_value());
  EXPECT_THAT(plan->head, HasSubstr("HTTP/1.1 422 "));
  EXPECT_FALSE(ReplyTo("dialect-no-stream-options", R"({"stream":true})"));
}

TEST(WildTest, ADialectRefusesJsonModeWithoutTheWord) {
  constexpr char kRequest[] =
      R"({"response_format":{"type":"json_object"},"messages":[{"role":"user","content":"%s"}]})";
  EXPECT_TRUE(ReplyTo("dialect-json-word", absl::StrFormat(kRequest, "Hello")));
  EXPECT_FALSE(
      ReplyTo("dialect-json-word", absl::StrFormat(kRequest, "as JSON")));
  EXPECT_FALSE(ReplyTo("dialect-json-word", R"({"messages":[]})"));
}

TEST(WildTest, ADialectRefusesAPartOfTheText) {
  EXPECT_TRUE(ReplyTo("dialect-image-jpeg", R"(["data:image/jpg;base64,AA"])"));
  EXPECT_FALSE(
      ReplyTo("dialect-image-jpeg", R"(["data:image/jpeg;base64,AA"])"));
}

TEST(WildTest, WhatIsMetOnceIsFollowedByAnOrdinaryAnswer) {
  const auto settings = ParseControl(R"({"wild": "wait-in-body"})", {});
  ASSERT_TRUE(settings.ok()) << settings.status();
  RuleBook rules(settings->wild, {});
  const auto text = [&] {
    return TextOf(PlanFor(Question(false), rules.Choose(kChatPath, "m", 0)));
  };
  EXPECT_THAT(text(), HasSubstr("HTTP/1.1 429 "));
  EXPECT_THAT(text(), HasSubstr("You said: "));
}

TEST(WildTest, AKindMaySayWhatFollowsIt) {
  const auto rules = ParseWild("json-wrong-once");
  ASSERT_TRUE(rules.ok()) << rules.status();
  RuleBook book(*rules, {});
  const auto text = [&] {
    return TextOf(PlanFor(Question(false), book.Choose(kChatPath, "m", 0)));
  };
  EXPECT_THAT(text(), HasSubstr(R"({\"m\":1})"));
  EXPECT_THAT(text(), HasSubstr(R"({\"n\":1})"));
  EXPECT_THAT(text(), HasSubstr(R"({\"n\":1})"));
}

TEST(WildTest, ARuleMayNameAKind) {
  const auto settings = ParseControl(
      R"({"faults": [{"wild": "text-200", "model": "m", "times": 2}]})", {});
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->rules.at(0).fault.wild, FindWildKind("text-200"));
  EXPECT_EQ(settings->rules.at(0).times, 2);
  EXPECT_EQ(FaultName(settings->rules.at(0).fault.kind), "wild");
}

TEST(WildTest, ControlReplacesTheKindOfTheFlags) {
  Settings base;
  base.wild = *ParseWild("text-200");
  EXPECT_EQ(ParseControl("{}", base)->wild.size(), 1u);
  EXPECT_TRUE(ParseControl(R"({"wild": ""})", base)->wild.empty());
  EXPECT_EQ(ParseControl(R"({"wild": "bom"})", base)->wild.at(0).fault.wild,
            FindWildKind("bom"));
}

TEST(WildTest, AnUnknownKindIsRefused) {
  EXPECT_FALSE(ParseWild("no-such-kind").ok());
  EXPECT_FALSE(ParseControl(R"({"wild": "no-such-kind"})", {}).ok());
  EXPECT_FALSE(
      ParseControl(R"({"script": [{"wild": "no-such-kind"}]})", {}).ok());
}

}  // namespace
}  // namespace holysheep::sim
