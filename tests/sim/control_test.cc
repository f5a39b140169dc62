#include "sim/control.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep::sim {
namespace {

using ::testing::HasSubstr;

std::string ErrorOf(const std::string& text) {
  const auto settings = ParseControl(text, {});
  return settings.ok() ? "" : std::string(settings.status().message());
}

TEST(ControlTest, WhatIsNotSaidStaysAsTheFlagsHaveIt) {
  Settings base;
  base.tokens = 5;
  base.keys = {"abc"};
  const auto settings = ParseControl(R"({"token_ms": 1.5})", base);
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->tokens, 5);
  EXPECT_EQ(settings->keys, base.keys);
  EXPECT_EQ(settings->token, absl::Microseconds(1500));
}

TEST(ControlTest, WhatIsSaidReplacesTheWholeMember) {
  Settings base;
  base.rules.emplace_back();
  base.keys = {"abc"};
  const auto settings = ParseControl(R"({"faults": [], "keys": []})", base);
  ASSERT_TRUE(settings.ok());
  EXPECT_TRUE(settings->rules.empty());
  EXPECT_TRUE(settings->keys.empty());
}

TEST(ControlTest, ALatencyIsConstantOrAProfile) {
  const auto p95 = [](const char* text) {
    const auto settings = ParseControl(text, {});
    EXPECT_TRUE(settings.ok()) << settings.status();
    return settings->latency.Quantile(0.95);
  };
  EXPECT_EQ(p95(R"({"latency": {"constant_ms": 3}})"), absl::Milliseconds(3));
  EXPECT_EQ(p95(R"({"latency": {"profile": "published"}})"),
            absl::Milliseconds(68.7));
  EXPECT_EQ(p95(R"({"latency": {"mean_ms": 4, "p95_ms": 6, "p99_ms": 7}})"),
            absl::Milliseconds(6));
}

TEST(ControlTest, AMistakeIsRefusedWithItsPath) {
  EXPECT_THAT(ErrorOf("{"), HasSubstr("at byte"));
  EXPECT_THAT(ErrorOf("[]"), HasSubstr("must be an object"));
  EXPECT_THAT(ErrorOf(R"({"scripts": []})"),
              HasSubstr("scripts: is not known"));
  EXPECT_THAT(ErrorOf(R"({"token_ms": "1"})"), HasSubstr("token_ms: must be"));
  EXPECT_THAT(ErrorOf(R"({"token_ms": 1e300})"), HasSubstr("token_ms"));
  EXPECT_THAT(ErrorOf(R"({"tokens": -1})"), HasSubstr("tokens: must be"));
  EXPECT_THAT(ErrorOf(R"({"faults": [{"fault": "S99"}]})"),
              HasSubstr("no fault is called S99"));
  EXPECT_THAT(ErrorOf(R"({"faults": [{}, {"fault": "cut", "aftr": 1}]})"),
              HasSubstr("faults[1].aftr: is not known"));
  EXPECT_THAT(ErrorOf(R"({"faults": [{"path": "/x"}]})"),
              HasSubstr("faults[0].path"));
  EXPECT_THAT(ErrorOf(R"({"answer": {"tool_calls": [{"nam": "f"}]}})"),
              HasSubstr("answer.tool_calls[0].nam: is not known"));
  EXPECT_THAT(ErrorOf(R"({"latency": {"profile": "other"}})"),
              HasSubstr("latency.profile"));
}

TEST(ControlTest, AFaultFlagHasANameAndMayHaveAnArgument) {
  const auto cut = ParseFaultFlag("S08:7");
  ASSERT_TRUE(cut.ok());
  EXPECT_EQ(cut->fault.kind, FaultKind::kCut);
  EXPECT_EQ(cut->fault.after, 7);
  const auto close = ParseFaultFlag("cut:close");
  ASSERT_TRUE(close.ok());
  EXPECT_EQ(close->fault.variant, "close");
  EXPECT_EQ(close->fault.after, 40);
  EXPECT_FALSE(ParseFaultFlag("nothing").ok());
  EXPECT_FALSE(ParseFaultFlag("crlf:3").ok());
  EXPECT_FALSE(ParseFaultFlag("cut:-1").ok());
  EXPECT_FALSE(ParseFaultFlag("huge:65").ok());
}

TEST(ControlTest, FaultsThatStrikeOnceSayHowOften) {
  EXPECT_EQ(ParseFaultFlag("S01")->times, 1);
  EXPECT_EQ(ParseFaultFlag("S03")->times, 1);
  EXPECT_EQ(ParseFaultFlag("S04")->times, -1);
}

TEST(RuleBookTest, AScriptIsUsedUpOneRuleARequest) {
  const auto settings = ParseControl(
      R"({"script": [{"fault": "S03"}, {"ok": true},
                     {"fault": "S04", "times": 2}]})",
      {});
  ASSERT_TRUE(settings.ok()) << settings.status();
  RuleBook book(settings->rules, settings->script);
  EXPECT_EQ(book.Choose(kChatPath, "m", 0).faults[0].kind,
            FaultKind::kServerError);
  EXPECT_TRUE(book.Choose(kChatPath, "m", 0).faults.empty());
  EXPECT_EQ(book.Choose(kChatPath, "m", 0).faults.size(), 1u);
  EXPECT_EQ(book.Choose(kChatPath, "m", 0).faults.size(), 1u);
  EXPECT_EQ(book.script_left(), 0u);
  EXPECT_TRUE(book.Choose(kChatPath, "m", 0).faults.empty());
}

TEST(RuleBookTest, ARuleMayBeForOneModelOrPathOnly) {
  const auto settings = ParseControl(
      R"({"faults": [{"fault": "S04", "model": "a"},
                     {"fault": "S03", "path": "/v1/models"}]})",
      {});
  ASSERT_TRUE(settings.ok()) << settings.status();
  RuleBook book(settings->rules, {});
  EXPECT_EQ(book.Choose(kChatPath, "a", 0).faults.size(), 1u);
  EXPECT_TRUE(book.Choose(kChatPath, "b", 0).faults.empty());
  EXPECT_EQ(book.Choose(kModelsPath, "", 0).faults[0].kind,
            FaultKind::kServerError);
}

TEST(RuleBookTest, ARuleEndsAfterItsTimes) {
  Rule rule;
  rule.fault.kind = FaultKind::kReset;
  rule.times = 2;
  RuleBook book({rule}, {});
  EXPECT_EQ(book.Choose(kChatPath, "", 0).faults.size(), 1u);
  EXPECT_EQ(book.Choose(kChatPath, "", 0).faults.size(), 1u);
  EXPECT_EQ(book.Choose(kChatPath, "", 0).faults.size(), 0u);
}

TEST(RuleBookTest, ARuleStrikesAsOftenAsItsProbabilitySays) {
  Rule rule;
  rule.fault.kind = FaultKind::kReset;
  rule.probability = 0.25;
  RuleBook book({rule}, {});
  EXPECT_EQ(book.Choose(kChatPath, "", 0.2).faults.size(), 1u);
  EXPECT_EQ(book.Choose(kChatPath, "", 0.3).faults.size(), 0u);
}

}  // namespace
}  // namespace holysheep::sim
