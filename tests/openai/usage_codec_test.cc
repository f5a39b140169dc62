#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"
#include "openai/reading.h"

namespace holysheep {
namespace {

using Response = pb::InvokeResponse;

Response ReadUsage(absl::string_view usage) {
  AnswerReaderOptions options;
  options.estimated_prompt_tokens = 9;
  const std::string body = absl::StrCat(
      Finish("stop"), R"(data: {"choices":[],"usage":)", usage, "}\n\n");
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
    EXPECT_EQ(response.usage().prompt_tokens(), 9);
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

TEST(UsageCodecTest, CachedTokensNeverExceedThePrompt) {
  const Response response =
      ReadUsage(R"({"prompt_tokens":3,"completion_tokens":1,)"
                R"("prompt_tokens_details":{"cached_tokens":8}})");
  EXPECT_EQ(response.usage().cached_prompt_tokens(), 3);
  EXPECT_EQ(response.usage().total_tokens(), 4);
}

TEST(UsageCodecTest, CountsThatNoCallComesNearAreAsGoodAsNone) {
  const std::string reply =
      R"({"choices":[{"message":{"content":"Yes..."},"finish_reason":"stop"}],)"
      R"("usage":{"prompt_tokens":9223372036854775807,"completion_tokens":1}})";
  AnswerReaderOptions options;
  options.estimated_prompt_tokens = 7;
  const Reading reading = Read({reply}, options);
  ASSERT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_TRUE(reading.response.usage().estimated());
  EXPECT_EQ(reading.response.usage().prompt_tokens(), 7);
  EXPECT_EQ(reading.response.usage().total_tokens(), 9);
}

}  // namespace
}  // namespace holysheep
