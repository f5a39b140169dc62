#include <string>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "openai/reading.h"

// How an answer ends, and what only looks like its end.
namespace holysheep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Response = pb::InvokeResponse;

constexpr char kDone[] = "data: [DONE]\n\n";

std::string Text(absl::string_view text) {
  return Chunk(absl::StrCat(R"({"content":")", text, R"("})"));
}

TEST(FinishTest, ContentAfterAFinishReasonBelongsToTheAnswer) {
  const Reading reading = ReadOne(Text("a") + Finish("stop") + Text("b") +
                                  Finish("length") + kDone);
  ASSERT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_EQ(reading.deltas, "text a\ntext b\n");
  EXPECT_EQ(reading.response.finish_reason(), Response::LENGTH);
  EXPECT_THAT(reading.response.warnings(), IsEmpty());
}

TEST(FinishTest, SomeWordsAreNone) {
  for (const char* word : {R"("")", "null", R"("null")", "0", "{}"}) {
    const Reading reading =
        ReadOne(absl::StrCat(R"(data: {"choices":[{"delta":{"content":"a"},)",
                             R"("finish_reason":)", word, "}]}\n\n"));
    EXPECT_EQ(ReasonOf(reading.status), Reason::kStreamTruncated) << word;
  }
}

TEST(FinishTest, StopWhereToolsAreCalledIsACallOfThem) {
  const Reading reading =
      ReadOne(Chunk(R"({"tool_calls":[{"id":"c","function":{"name":"f"}}]})") +
              Finish("stop"));
  EXPECT_EQ(reading.response.finish_reason(), Response::TOOL_CALLS);
}

TEST(FinishTest, AWordForFailureIsNoEnd) {
  for (const char* word :
       {"error", "network_error", "insufficient_system_resource", "abort",
        "Aborted", "CANCELLED"}) {
    EXPECT_EQ(ReasonOf(ReadOne(Finish(word) + kDone).status),
              Reason::kUpstream5xx)
        << word;
    const Reading begun = ReadOne(Text("a") + Finish(word) + kDone);
    EXPECT_EQ(ReasonOf(begun.status), Reason::kStreamTruncated) << word;
    EXPECT_THAT(std::string(begun.status.message()), HasSubstr(word));
  }
}

TEST(FinishTest, AnErrorInsideTheChoiceIsTold) {
  const std::string failed =
      R"(data: {"choices":[{"delta":{},"finish_reason":"error","error":)"
      R"({"code":502,"message":"Provider disconnected"}}]})"
      "\n\n";
  for (const std::string& body : {failed, Text("half") + failed + kDone}) {
    EXPECT_THAT(std::string(ReadOne(body).status.message()),
                HasSubstr("Provider disconnected"));
  }
  EXPECT_EQ(ReasonOf(ReadOne(failed).status), Reason::kUpstream5xx);
  EXPECT_EQ(ReasonOf(ReadOne(Text("half") + failed).status),
            Reason::kStreamTruncated);
}

TEST(FinishTest, AnUnknownWordIsNamedInAWarning) {
  EXPECT_THAT(ReadOne(Text("a") + Finish("gave_up")).response.warnings(),
              ElementsAre(HasSubstr("gave_up")));
}

TEST(FinishTest, AnAnswerWithoutAChoiceIsNone) {
  const std::string usage =
      "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,"
      "\"completion_tokens\":0}}\n\n";
  for (const std::string& body : {usage, usage + kDone, std::string(kDone)}) {
    EXPECT_EQ(ReasonOf(ReadOne(body).status), Reason::kUpstreamMalformed)
        << body;
  }
}

TEST(FinishTest, AnAnswerThatSaysNothingHasAWarning) {
  for (const char* word : {"stop", "length"}) {
    const Reading reading = ReadOne(Text("") + Finish(word) + kDone);
    ASSERT_TRUE(reading.status.ok()) << reading.status;
    EXPECT_THAT(reading.response.warnings(),
                ElementsAre(HasSubstr("said nothing")));
  }
}

}  // namespace
}  // namespace holysheep
