#include "openai/tool_call_decoder.h"

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "openai/reading.h"

namespace holysheep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;

std::string Calls(absl::string_view calls) {
  return Chunk(absl::StrCat(R"({"tool_calls":[)", calls, "]}"));
}

std::string CallChunk(absl::string_view function, absl::string_view id = "a") {
  return Calls(absl::StrCat(R"({"index":0,"id":")", id, R"(","function":)",
                            function, "}"));
}

// The calls of an answer, each as `name(arguments)`.
std::vector<std::string> CallsIn(absl::string_view chunks,
                                 std::vector<std::string>* ids = nullptr) {
  std::mt19937_64 random{1};
  const auto reader = NewAnswerReader({}, random);
  std::vector<std::string> calls;
  std::vector<std::string> names;
  const auto note = [&](const pb::InvokeEvent& event) {
    const auto index = static_cast<size_t>(event.tool_call().index());
    if (index == calls.size()) {
      // The first fragment has id and name.
      calls.push_back(absl::StrCat(event.tool_call().name(), "("));
      if (ids != nullptr) ids->push_back(event.tool_call().id());
    } else {
      EXPECT_EQ(event.tool_call().name(), "");
    }
    calls.at(index) += event.tool_call().arguments_fragment();
  };
  const std::string body = absl::StrCat(chunks, Finish("tool_calls"));
  EXPECT_TRUE(reader->Feed(body, note).ok());
  EXPECT_TRUE(reader->Finish(note).ok());
  for (std::string& call : calls) call += ")";
  return calls;
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
        R"({"name":"now","arguments":""})", R"({"name":"now","arguments":{}})",
        R"({"name":"now","arguments":"null"})"}) {
    const Reading reading = ReadOne(CallChunk(function) + Finish("tool_calls"));
    ASSERT_TRUE(reading.status.ok()) << reading.status;
    EXPECT_EQ(reading.deltas, "call 0 a now {}\n") << function;
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

TEST(ToolCallDecoderTest, ANameInPiecesIsJoinedAndARepeatedOneIsNot) {
  const std::string arguments = CallChunk(R"({"arguments":"{\"c\":1}"})");
  EXPECT_THAT(CallsIn(CallChunk(R"({"name":"wea","arguments":""})") +
                      CallChunk(R"({"name":"ther"})") + arguments),
              ElementsAre("weather({\"c\":1})"));
  EXPECT_THAT(CallsIn(CallChunk(R"({"name":"weather","arguments":""})") +
                      CallChunk(R"({"name":"weather"})") + arguments),
              ElementsAre("weather({\"c\":1})"));
  EXPECT_THAT(CallsIn(CallChunk(R"({"name":"wea"})") +
                      CallChunk(R"({"name":"weather"})") + arguments),
              ElementsAre("weather({\"c\":1})"));
  EXPECT_THAT(CallsIn(CallChunk(R"({"name":"f","arguments":"{\"c\""})") +
                      CallChunk(R"({"name":"f","arguments":":1"})") +
                      CallChunk(R"({"name":"f","arguments":"}"})")),
              ElementsAre("f({\"c\":1})"));
  // The end of the answer, or another call, ends a name as well.
  EXPECT_THAT(
      CallsIn(CallChunk(R"({"name":"wea"})") + CallChunk(R"({"name":"ther"})") +
              Calls(R"({"index":1,"function":{"name":"now"}})")),
      ElementsAre("weather({})", "now({})"));
}

TEST(ToolCallDecoderTest, ANameAfterTheArgumentsIsInTheFirstFragment) {
  EXPECT_THAT(CallsIn(CallChunk(R"({"arguments":"{\"c\":"})") +
                      CallChunk(R"({"name":"f","arguments":"1}"})")),
              ElementsAre("f({\"c\":1})"));
}

TEST(ToolCallDecoderTest, ANameAfterWholeArgumentsBeginsACall) {
  const auto whole = [](absl::string_view city) {
    return Calls(absl::StrCat(
        R"({"index":0,"function":{"name":"weather","arguments":"{\"c\":\")",
        city, R"(\"}"}})"));
  };
  std::vector<std::string> ids;
  EXPECT_THAT(CallsIn(whole("A") + whole("B"), &ids),
              ElementsAre("weather({\"c\":\"A\"})", "weather({\"c\":\"B\"})"));
  EXPECT_NE(ids[0], ids[1]);
  // Also if all have one id.
  ids.clear();
  EXPECT_THAT(
      CallsIn(CallChunk(R"({"name":"f","arguments":"{\"c\":\"}\"}"})", "x") +
                  CallChunk(R"({"name":"f","arguments":"{\"c\":2}"})", "x"),
              &ids),
      ElementsAre("f({\"c\":\"}\"})", "f({\"c\":2})"));
  EXPECT_EQ(ids[0], "x");
  EXPECT_NE(ids[1], "x");
}

TEST(ToolCallDecoderTest, ACallThatIsRepeatedWholeIsOne) {
  const std::string whole = CallChunk(R"({"name":"f","arguments":"{}"})");
  EXPECT_THAT(CallsIn(whole + whole), ElementsAre("f({})"));
  EXPECT_THAT(CallsIn(whole + CallChunk(R"({"name":"f","arguments":""})")),
              ElementsAre("f({})"));
}

TEST(ToolCallDecoderTest, AnIdForEveryFragmentBeginsNoCall) {
  EXPECT_THAT(CallsIn(CallChunk(R"({"name":"f","arguments":"{\"a\""})", "1") +
                      CallChunk(R"({"arguments":":1"})", "2") +
                      CallChunk(R"({"arguments":"}"})", "3") +
                      CallChunk(R"({"arguments":""})", "4")),
              ElementsAre("f({\"a\":1})"));
  EXPECT_THAT(CallsIn(CallChunk(R"({"name":"f","arguments":"{}"})", "1") +
                      CallChunk(R"({"name":"g","arguments":"{}"})", "2")),
              ElementsAre("f({})", "g({})"));
}

TEST(ToolCallDecoderTest, EntriesOfAWholeMessageAreAlwaysDifferentCalls) {
  const std::string call =
      R"({"index":0,"id":"a","function":{"name":"f","arguments":"{"}})";
  for (const std::string& each :
       {call, std::string(R"({"function":{"name":"now","arguments":""}})")}) {
    const std::string body =
        absl::StrCat(R"({"choices":[{"message":{"tool_calls":[)", each, ",",
                     each, R"(]},"finish_reason":"tool_calls"}]})");
    const Reading reading = ReadOne(body);
    ASSERT_TRUE(reading.status.ok()) << reading.status;
    EXPECT_THAT(reading.deltas, HasSubstr("call 0 ")) << body;
    EXPECT_THAT(reading.deltas, HasSubstr("call 1 call_")) << body;
  }
}

TEST(ToolCallDecoderTest, IdsThatWeMakeNeverRecur) {
  const std::string body =
      Calls(R"({"index":0,"function":{"name":"now","arguments":"{}"}})") +
      Finish("tool_calls");
  std::mt19937_64 random{1};
  std::vector<std::string> ids;
  for (int i = 0; i < 2; ++i) {
    const auto reader = NewAnswerReader({}, random);
    const auto note = [&ids](const pb::InvokeEvent& event) {
      ids.push_back(event.tool_call().id());
    };
    ASSERT_TRUE(reader->Feed(body, note).ok());
    ASSERT_TRUE(reader->Finish(note).ok());
  }
  ASSERT_EQ(ids.size(), 2u);
  EXPECT_NE(ids[0], ids[1]);
  for (const std::string& id : ids) {
    EXPECT_EQ(id.size(), 29u);
    EXPECT_THAT(id, MatchesRegex("call_[0-9A-Za-z]+"));
  }
}

TEST(ToolCallDecoderTest, AFragmentThatSaysNothingBeginsNoCall) {
  EXPECT_THAT(CallsIn(CallChunk(R"({"name":"f","arguments":"{}"})") +
                      Calls(R"({"index":1,"type":"function"})")),
              ElementsAre("f({})"));
}

TEST(ToolCallDecoderTest, AMirroredOldFormIsNotASecondCall) {
  EXPECT_THAT(
      CallsIn(Chunk(R"({"tool_calls":[{"index":0,"id":"a",)"
                    R"("function":{"name":"f","arguments":"{}"}}],)"
                    R"("function_call":{"name":"f","arguments":"{}"}})")),
      ElementsAre("f({})"));
}

TEST(ToolCallDecoderTest, WhatIsHeldBackIsBounded) {
  AnswerReaderOptions options;
  options.max_response_bytes = 1000;
  const std::string piece = std::string(600, '1');
  const std::string chunk =
      CallChunk(absl::StrCat(R"({"arguments":")", piece, "\"}"));
  EXPECT_FALSE(Read({chunk, chunk}, options).status.ok());
}

TEST(ToolCallDecoderTest, ChoicesOfOneIndexAreOneAnswer) {
  const std::string body =
      R"({"choices":[{"finish_reason":"stop","message":{"content":"I look"}},)"
      R"({"finish_reason":"tool_calls","message":{"tool_calls":[{"id":"a",)"
      R"("function":{"name":"f","arguments":"{}"}}]}}]})";
  const Reading reading = ReadOne(body);
  ASSERT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_EQ(reading.deltas, "text I look\ncall 0 a f {}\n");
  EXPECT_THAT(reading.response.warnings(), IsEmpty());
  EXPECT_EQ(reading.response.finish_reason(), pb::InvokeResponse::TOOL_CALLS);
}

TEST(ToolCallDecoderTest, OtherChoicesAreDroppedWithOneWarning) {
  const std::string other =
      "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"no\"}}]}\n\n";
  const Reading reading =
      ReadOne(Chunk(R"({"content":"yes"})") + other + other + Finish("stop"));
  EXPECT_EQ(reading.deltas, "text yes\n");
  EXPECT_THAT(reading.response.warnings(),
              ElementsAre(HasSubstr("more than one answer")));
}

}  // namespace
}  // namespace holysheep
