#include "policy/usage_check.h"

#include <cstdint>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

using testing::HasSubstr;

ReportedUsage Told(int64_t prompt, int64_t completion) {
  ReportedUsage usage;
  usage.prompt = prompt;
  usage.completion = completion;
  return usage;
}

ReportedUsage Told(int64_t prompt, int64_t completion, int64_t total) {
  ReportedUsage usage = Told(prompt, completion);
  usage.total = total;
  return usage;
}

// The estimates are 9 and 3.
CheckedUsage Checked(const ReportedUsage& usage,
                     const UsageBounds& bounds = {}) {
  return CheckUsage(usage, bounds, {9, 12, 0});
}

void ExpectCounts(const CheckedUsage& usage, int64_t prompt,
                  int64_t completion) {
  EXPECT_EQ(usage.tokens.prompt, prompt);
  EXPECT_EQ(usage.tokens.completion, completion);
}

TEST(UsageCheckTest, CountsThatAddUpStayAsTheyAre) {
  const CheckedUsage usage = Checked(Told(20, 5, 25));
  ExpectCounts(usage, 20, 5);
  EXPECT_FALSE(usage.estimated);
  EXPECT_EQ(usage.warning, "");
}

TEST(UsageCheckTest, WhatTheTotalHasBeyondItsPartsIsThinking) {
  const CheckedUsage usage = Checked(Told(20, 198, 623));
  ExpectCounts(usage, 20, 603);
  EXPECT_EQ(usage.reasoning, 405);
  EXPECT_FALSE(usage.estimated);
}

TEST(UsageCheckTest, MoreReasoningThanCompletionIsAddedOnceWhateverTheTotal) {
  for (const int64_t total : {0, 15, 115}) {
    ReportedUsage told = Told(10, 5, total);
    told.reasoning = 100;
    const CheckedUsage usage = Checked(told);
    ExpectCounts(usage, 10, 105);
    EXPECT_EQ(usage.reasoning, 100);
  }
}

TEST(UsageCheckTest, ReasoningWithinTheCompletionIsPartOfIt) {
  ReportedUsage told = Told(10, 100, 110);
  told.reasoning = 60;
  ExpectCounts(Checked(told), 10, 100);
  told.total = 170;  // Another upstream counts it in the total only.
  ExpectCounts(Checked(told), 10, 160);
}

TEST(UsageCheckTest, CacheTokensThatExceedThePromptAreInAdditionToIt) {
  ReportedUsage told = Told(11, 4);
  told.cached_prompt = 5000;
  told.cache_write = 200;
  const CheckedUsage usage = Checked(told);
  ExpectCounts(usage, 5211, 4);
  EXPECT_EQ(usage.tokens.cached_prompt, 5000);
  EXPECT_EQ(usage.tokens.cache_write, 200);
  EXPECT_EQ(usage.reasoning, 0);
}

TEST(UsageCheckTest,
     CacheTokensThatOnlyTheTotalCountsAreInAdditionToThePrompt) {
  ReportedUsage told = Told(6000, 4, 11'004);
  told.cached_prompt = 5000;
  const CheckedUsage usage = Checked(told);
  ExpectCounts(usage, 11'000, 4);
  EXPECT_EQ(usage.reasoning, 0);
}

TEST(UsageCheckTest, PartsNeverExceedAPromptWhoseCompletionIsMissing) {
  ReportedUsage told;
  told.prompt = 5;
  told.cached_prompt = 20;
  told.cache_write = 30;
  const CheckedUsage usage = Checked(told);
  ExpectCounts(usage, 55, 3);
  EXPECT_EQ(usage.tokens.cached_prompt, 20);
  EXPECT_EQ(usage.tokens.cache_write, 30);
  told.total = 60;
  ExpectCounts(Checked(told), 55, 5);
}

TEST(UsageCheckTest, CacheTokensAreOtherwisePartOfThePrompt) {
  ReportedUsage told = Told(100, 10, 110);
  told.cached_prompt = 40;
  told.cache_write = 60;
  ExpectCounts(Checked(told), 100, 10);
}

TEST(UsageCheckTest, NamesThatLeaveTheCacheOutHoldUnlessTheTotalSaysOtherwise) {
  ReportedUsage told = Told(100, 10);
  told.cached_prompt = 40;
  told.cache_is_extra = true;
  ExpectCounts(Checked(told), 140, 10);
  told.total = 110;
  ExpectCounts(Checked(told), 100, 10);
}

TEST(UsageCheckTest, ThinkingAsLongAsTheCachedPromptIsNotTakenForIt) {
  ReportedUsage told = Told(100, 10, 150);
  told.cached_prompt = 40;
  told.reasoning = 40;
  ExpectCounts(Checked(told), 100, 50);
}

TEST(UsageCheckTest, ZerosStayZerosButForThePromptOfAnAnswer) {
  const CheckedUsage none = Checked(Told(0, 0, 0));
  ExpectCounts(none, 0, 0);
  EXPECT_FALSE(none.estimated);
  const CheckedUsage silent = Checked(Told(7, 0));
  ExpectCounts(silent, 7, 0);
  EXPECT_FALSE(silent.estimated);
  const CheckedUsage unasked = Checked(Told(0, 5));
  ExpectCounts(unasked, 9, 5);
  EXPECT_TRUE(unasked.estimated);
  EXPECT_EQ(unasked.warning, "");
}

TEST(UsageCheckTest, WhatIsMissingIsEstimatedWithoutAWarning) {
  const CheckedUsage usage = Checked(ReportedUsage());
  ExpectCounts(usage, 9, 3);
  EXPECT_TRUE(usage.estimated);
  EXPECT_EQ(usage.warning, "");
}

TEST(UsageCheckTest, TheTotalTellsAMissingPart) {
  ReportedUsage told;
  told.prompt = 20;
  told.total = 30;
  ExpectCounts(Checked(told), 20, 10);
  told = ReportedUsage();
  told.completion = 20;
  told.total = 30;
  ExpectCounts(Checked(told), 10, 20);
  EXPECT_FALSE(Checked(told).estimated);
}

TEST(UsageCheckTest, APromptBeyondItsBoundIsEstimatedAndNamed) {
  ReportedUsage told = Told(1001, 5, 1006);
  told.cached_prompt = 900;
  ExpectCounts(Checked(told, {1001, 100}), 1001, 5);
  const CheckedUsage usage = Checked(told, {1000, 100});
  ExpectCounts(usage, 9, 5);
  EXPECT_EQ(usage.tokens.cached_prompt, 0);
  EXPECT_TRUE(usage.estimated);
  EXPECT_THAT(usage.warning, HasSubstr("prompt_tokens of 1001,"));
}

TEST(UsageCheckTest, ACompletionBeyondItsBoundIsEstimatedAndNamed) {
  ExpectCounts(Checked(Told(20, 100), {1000, 100}), 20, 100);
  const CheckedUsage usage = Checked(Told(20, 101), {1000, 100});
  ExpectCounts(usage, 20, 3);
  EXPECT_TRUE(usage.estimated);
  EXPECT_THAT(usage.warning, HasSubstr("completion_tokens of 101,"));
}

TEST(UsageCheckTest, ThinkingIsNotHeldAgainstTheBoundOfTheCompletion) {
  ReportedUsage told = Told(20, 600, 620);
  told.reasoning = 500;
  EXPECT_FALSE(Checked(told, {1000, 100}).estimated) << "reported";
  EXPECT_FALSE(Checked(Told(20, 100, 620), {1000, 100}).estimated)
      << "in the total only";
  EXPECT_FALSE(
      CheckUsage(Told(20, 600), {1000, 100}, {9, 3000, 2000}).estimated)
      << "shown, but not counted";
}

TEST(UsageCheckTest, NoCountOfMoreThanABillionIsBelieved) {
  ExpectCounts(Checked(Told(kMostTokens, kMostTokens)), kMostTokens,
               kMostTokens);
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  for (const int64_t wrong : {kMostTokens + 1, kMax, int64_t{-1}}) {
    ExpectCounts(Checked(Told(wrong, 5)), 9, 5);
    ExpectCounts(Checked(Told(5, wrong)), 5, 3);
    const CheckedUsage both = Checked(Told(wrong, wrong, wrong));
    ExpectCounts(both, 9, 3);
    EXPECT_TRUE(both.estimated);
    EXPECT_THAT(both.warning, HasSubstr("prompt_tokens of "));
    EXPECT_THAT(both.warning, HasSubstr(" and completion_tokens of "));
  }
}

TEST(UsageCheckTest, ATotalThatCannotBeIsNamedAndTellsNothing) {
  const CheckedUsage usage = Checked(Told(20, 5, 5'000'000'000));
  ExpectCounts(usage, 20, 5);
  EXPECT_TRUE(usage.estimated);
  EXPECT_THAT(usage.warning, HasSubstr("total_tokens of 5000000000,"));
}

TEST(UsageCheckTest, PartsThatCannotBeAreDroppedAndNamed) {
  ReportedUsage told = Told(20, 5);
  told.cached_prompt = 5'000'000'000;
  told.cache_write = -1;
  told.reasoning = 6'000'000'000;
  const CheckedUsage usage = Checked(told);
  ExpectCounts(usage, 20, 5);
  EXPECT_EQ(usage.tokens.cached_prompt + usage.tokens.cache_write, 0);
  EXPECT_EQ(usage.reasoning, 0);
  EXPECT_TRUE(usage.estimated);
  EXPECT_THAT(usage.warning, HasSubstr("cached_tokens of 5000000000"));
}

TEST(UsageCheckTest, TheLastCompleteReportHolds) {
  ReportedUsage usage = Told(3, 1, 4);
  Update(Told(3, 9, 12), usage);
  EXPECT_EQ(usage.completion, 9);
  EXPECT_EQ(usage.total, 12);
  Update(Told(0, 0, 0), usage);
  EXPECT_EQ(usage.completion, 9) << "counts do not fall back to zero";
}

TEST(UsageCheckTest, PartialReportsRaiseWhatTheyName) {
  ReportedUsage start = Told(25, 1, 26);
  start.cached_prompt = 20;
  ReportedUsage end;
  end.completion = 15;
  Update(end, start);
  end.completion = 12;
  Update(end, start);
  const CheckedUsage usage = Checked(start);
  ExpectCounts(usage, 25, 15);
  EXPECT_EQ(usage.tokens.cached_prompt, 20);
}

}  // namespace
}  // namespace holysheep
