#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"
#include "openai/reading.h"

namespace holysheep {
namespace {

using Response = pb::InvokeResponse;

// Says something, since an answer that says nothing has a warning.
constexpr absl::string_view kText =
    "data: {\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\n\n";

Response ReadUsage(absl::string_view usage) {
  AnswerReaderOptions options;
  options.estimated_prompt_tokens = 9;
  const std::string body = absl::StrCat(
      kText, Finish("stop"), R"(data: {"choices":[],"usage":)", usage, "}\n\n");
  return Read({body}, options).response;
}

TEST(UsageCodecTest, AnExplicitZeroStaysZero) {
  const Response response = ReadUsage(
      R"({"prompt_tokens":0,"completion_tokens":0,"total_tokens":0})");
  EXPECT_FALSE(response.usage().estimated());
  EXPECT_EQ(response.usage().prompt_tokens(), 0);
  EXPECT_EQ(response.usage().total_tokens(), 0);
}

TEST(UsageCodecTest, UsageThatSaysNothingIsEstimated) {
  for (const char* usage :
       {"null", "{}", "[]", R"({"prompt_tokens":-1,"completion_tokens":2})",
        R"({"prompt_tokens":"5","completion_tokens":2})",
        R"({"total_tokens":5})"}) {
    const Response response = ReadUsage(usage);
    EXPECT_TRUE(response.usage().estimated()) << usage;
    EXPECT_EQ(response.usage().prompt_tokens(), 9) << usage;
  }
}

TEST(UsageCodecTest, EveryNameOfACountIsKnown) {
  const struct {
    const char* usage;
    int32_t cached, written;
  } kCases[] = {
      {R"("prompt_tokens_details":{"cached_tokens":40})", 40, 0},
      {R"("input_tokens_details":{"cached_tokens":40})", 40, 0},
      {R"("cached_tokens":40)", 40, 0},
      {R"("prompt_cache_hit_tokens":40,"prompt_cache_miss_tokens":60)", 40, 0},
      {R"("cache_read_input_tokens":40)", 40, 0},
      {R"("cache_creation_input_tokens":30)", 0, 30},
      {R"("prompt_tokens_details":{"cache_write_tokens":30})", 0, 30},
      {R"("prompt_tokens_details":{"cache_creation_tokens":30})", 0, 30},
      {R"("prompt_tokens_details":{"cached_tokens":0},"cached_tokens":40)", 40,
       0},
      {R"("cache_read_input_tokens":40,"cache_creation_input_tokens":30)", 40,
       30},
  };
  for (const auto& test : kCases) {
    for (const char* parts :
         {R"("prompt_tokens":100,"completion_tokens":10,"total_tokens":110)",
          R"("input_tokens":100,"output_tokens":10,"total_tokens":110)"}) {
      const Response response =
          ReadUsage(absl::StrCat("{", parts, ",", test.usage, "}"));
      const pb::Usage& usage = response.usage();
      EXPECT_EQ(usage.prompt_tokens(), 100) << test.usage;
      EXPECT_EQ(usage.completion_tokens(), 10) << test.usage;
      EXPECT_EQ(usage.cached_prompt_tokens(), test.cached) << test.usage;
      EXPECT_EQ(usage.cache_write_tokens(), test.written) << test.usage;
      EXPECT_FALSE(usage.estimated());
      EXPECT_TRUE(response.warnings().empty());
    }
  }
}

TEST(UsageCodecTest, AnthropicsInputLeavesTheCacheOut) {
  const Response response =
      ReadUsage(R"({"input_tokens":100,"output_tokens":10,)"
                R"("cache_read_input_tokens":40,)"
                R"("cache_creation_input_tokens":30})");
  EXPECT_EQ(response.usage().prompt_tokens(), 170);
  EXPECT_EQ(response.usage().cached_prompt_tokens(), 40);
  EXPECT_EQ(response.usage().cache_write_tokens(), 30);
  EXPECT_EQ(response.tokens_used(), 180);
}

TEST(UsageCodecTest, ZerosUnderTheNamesOfAnotherApiDoNotCount) {
  const Response response =
      ReadUsage(R"({"prompt_tokens":100,"completion_tokens":10,)"
                R"("input_tokens":0,"output_tokens":0})");
  EXPECT_EQ(response.usage().prompt_tokens(), 100);
  EXPECT_EQ(response.usage().completion_tokens(), 10);
}

TEST(UsageCodecTest, PartsInSeveralChunksMakeOneUsage) {
  const Response response =
      ReadOne(
          absl::StrCat(R"(data: {"choices":[],"usage":{"input_tokens":25}})",
                       "\n\n", Finish("stop"),
                       R"(data: {"choices":[],"usage":{"output_tokens":15}})",
                       "\n\n"))
          .response;
  EXPECT_EQ(response.usage().prompt_tokens(), 25);
  EXPECT_EQ(response.usage().completion_tokens(), 15);
  EXPECT_FALSE(response.usage().estimated());
}

TEST(UsageCodecTest, CountsBeyondTheBoundsAreEstimatedWithAWarning) {
  AnswerReaderOptions options;
  options.estimated_prompt_tokens = 9;
  options.usage_bounds = {1000, 100};
  const std::string body =
      absl::StrCat(kText, Finish("stop"), R"(data: {"choices":[],"usage":)",
                   R"({"prompt_tokens":1001,"completion_tokens":7}})", "\n\n");
  const Response response = Read({body}, options).response;
  EXPECT_TRUE(response.usage().estimated());
  EXPECT_EQ(response.usage().prompt_tokens(), 9);
  EXPECT_EQ(response.usage().completion_tokens(), 7);
  ASSERT_EQ(response.warnings_size(), 1);
  EXPECT_THAT(response.warnings(0),
              testing::HasSubstr("prompt_tokens of 1001"));
}

TEST(UsageCodecTest, NumbersThatNoIntegerHoldsAreNamed) {
  for (const char* number : {"1e30", "18446744073709551615", "-1e30"}) {
    const Response response = ReadUsage(absl::StrCat(
        R"({"prompt_tokens":)", number, R"(,"completion_tokens":2})"));
    EXPECT_TRUE(response.usage().estimated()) << number;
    EXPECT_EQ(response.usage().prompt_tokens(), 9) << number;
    ASSERT_EQ(response.warnings_size(), 1) << number;
    EXPECT_THAT(response.warnings(0), testing::HasSubstr("prompt_tokens of "));
  }
}

TEST(UsageCodecTest, WhatTheTotalHasBeyondItsPartsAreThoughts) {
  const Response response = ReadUsage(
      R"({"prompt_tokens":20,"completion_tokens":198,"total_tokens":623})");
  EXPECT_EQ(response.usage().completion_tokens(), 603);
  EXPECT_EQ(response.usage().reasoning_tokens(), 405);
  EXPECT_EQ(response.usage().total_tokens(), 623);
  EXPECT_EQ(response.tokens_used(), 623);
}

TEST(UsageCodecTest, ThoughtsCountedBesideTheAnswerArePartOfIt) {
  for (const char* total :
       {"", R"(,"total_tokens":115)", R"(,"total_tokens":15)"}) {
    const Response response = ReadUsage(absl::StrCat(
        R"({"prompt_tokens":10,"completion_tokens":5,)",
        R"("completion_tokens_details":{"reasoning_tokens":100})", total, "}"));
    EXPECT_EQ(response.usage().completion_tokens(), 105) << total;
    EXPECT_EQ(response.usage().total_tokens(), 115) << total;
  }
}

TEST(UsageCodecTest, PartsAddUpToTheTotalWhateverTheUpstreamSays) {
  const Response response = ReadUsage(
      R"({"prompt_tokens":20,"completion_tokens":5,"total_tokens":9})");
  EXPECT_EQ(response.usage().total_tokens(), 25);
}

TEST(UsageCodecTest, UsageIsFoundWhereverItIs) {
  const std::string counts =
      R"("usage":{"input_tokens":11,"output_tokens":4,"total_tokens":15})";
  for (const std::string& where :
       {"{" + counts + "}", "{\"x_groq\":{" + counts + "}}",
        "{\"choices\":[{\"delta\":{}," + counts + "}]}"}) {
    const Response response =
        ReadOne(absl::StrCat(Finish("stop"), "data: ", where, "\n\n")).response;
    EXPECT_FALSE(response.usage().estimated()) << where;
    EXPECT_EQ(response.usage().prompt_tokens(), 11);
    EXPECT_EQ(response.usage().completion_tokens(), 4);
  }
}

TEST(UsageCodecTest, CachedTokensAreInAdditionToAPromptThatIsShorter) {
  const Response response =
      ReadUsage(R"({"prompt_tokens":3,"completion_tokens":1,)"
                R"("prompt_tokens_details":{"cached_tokens":8}})");
  EXPECT_EQ(response.usage().cached_prompt_tokens(), 8);
  EXPECT_EQ(response.usage().prompt_tokens(), 11);
  EXPECT_EQ(response.usage().total_tokens(), 12);
}

TEST(UsageCodecTest, CountsThatNoCallComesNearAreEstimated) {
  const std::string reply =
      R"({"choices":[{"message":{"content":"Yes..."},"finish_reason":"stop"}],)"
      R"("usage":{"prompt_tokens":9223372036854775807,"completion_tokens":1}})";
  AnswerReaderOptions options;
  options.estimated_prompt_tokens = 7;
  const Reading reading = Read({reply}, options);
  ASSERT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_TRUE(reading.response.usage().estimated());
  EXPECT_EQ(reading.response.usage().prompt_tokens(), 7);
  EXPECT_EQ(reading.response.usage().total_tokens(), 8);
  EXPECT_EQ(reading.response.warnings_size(), 1);
}

}  // namespace
}  // namespace holysheep
