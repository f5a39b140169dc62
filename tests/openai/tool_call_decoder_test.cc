#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "openai/reading.h"

namespace holysheep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string CallChunk(absl::string_view function) {
  return Chunk(absl::StrCat(R"({"tool_calls":[{"index":0,"id":"a",)",
                            R"("function":)", function, "}]}"));
}

TEST(ToolCallDecoderTest, ArgumentsThatMaxTokensCutAreIncomplete) {
  const Reading reading =
      ReadOne(CallChunk(R"({"name":"write","arguments":"{\"path\":\"a"})") +
              Finish("length"));
  ASSERT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_EQ(reading.deltas,
            "call 0 a write {\"path\":\"a\ncall 0   (incomplete)\n");
  EXPECT_THAT(reading.response.warnings(),
              ElementsAre(HasSubstr("do not run it: write")));
}

TEST(ToolCallDecoderTest, ArgumentsThatAreNotThereAreAnEmptyObject) {
  for (const char* function :
       {R"({"name":"now"})", R"({"name":"now","arguments":null})",
        R"({"name":"now","arguments":""})",
        R"({"name":"now","arguments":"null"})"}) {
    const Reading reading = ReadOne(CallChunk(function) + Finish("tool_calls"));
    ASSERT_TRUE(reading.status.ok()) << reading.status;
    EXPECT_EQ(reading.deltas, "call 0 a now \ncall 0   {}\n") << function;
    EXPECT_THAT(reading.response.warnings(), IsEmpty());
  }
}

TEST(ToolCallDecoderTest, ArgumentsInPiecesAreLookedAtAsAWhole) {
  const Reading reading =
      ReadOne(CallChunk(R"({"name":"f","arguments":"{\"a\":"})") +
              CallChunk(R"({"arguments":"[1]}"})") + Finish("tool_calls"));
  EXPECT_EQ(reading.deltas, "call 0 a f {\"a\":\ncall 0   [1]}\n");
  EXPECT_THAT(reading.response.warnings(), IsEmpty());
}

TEST(ToolCallDecoderTest, WhatFollowsTheArgumentsMakesThemNoJson) {
  const Reading reading =
      ReadOne(CallChunk(R"({"name":"f","arguments":"{}\u0000"})") +
              Finish("tool_calls"));
  EXPECT_THAT(reading.deltas, HasSubstr("(incomplete)"));
}

}  // namespace
}  // namespace holysheep
