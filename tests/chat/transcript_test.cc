#include "chat/transcript.h"

#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

using ::testing::ElementsAre;

pb::InvokeEvent Text(std::string text) {
  pb::InvokeEvent event;
  event.set_text(std::move(text));
  return event;
}

pb::InvokeEvent Fragment(int index, std::string arguments) {
  pb::InvokeEvent event;
  event.mutable_tool_call()->set_index(index);
  event.mutable_tool_call()->set_arguments_fragment(std::move(arguments));
  return event;
}

// One piece of each kind.
std::vector<pb::InvokeEvent> AllKinds() {
  std::vector<pb::InvokeEvent> events(5);
  events[0].set_text("text");
  events[1].set_reasoning("reasoning");
  events[2].set_refusal("refusal");
  events[3] = Fragment(0, "{\"a\":");
  events[3].mutable_tool_call()->set_id("call-1");
  events[3].mutable_tool_call()->set_name("look_up");
  events[4] = Fragment(0, "1}");
  return events;
}

std::vector<std::string> Read(const Transcript& transcript,
                              size_t position = 0) {
  std::vector<std::string> pieces;
  transcript.ReadFrom(position, [&pieces](const pb::InvokeEvent& event) {
    pieces.push_back(event.SerializeAsString());
  });
  return pieces;
}

TEST(TranscriptTest, Promise03GivesBackEachPieceAsItCame) {
  Transcript transcript;
  std::vector<std::string> expected;
  for (const pb::InvokeEvent& event : AllKinds()) {
    transcript.Append(event);
    expected.push_back(event.SerializeAsString());
  }
  EXPECT_EQ(Read(transcript), expected);
  EXPECT_EQ(Read(Transcript(std::string(transcript.packed()))), expected);
}

TEST(TranscriptTest, ChunksOfAnyLengthKeepTheirBytes) {
  std::mt19937_64 random(1);
  Transcript transcript;
  std::vector<std::string> expected;
  for (const size_t size : {0u, 1u, 127u, 128u, 16383u, 16384u, 300'000u}) {
    std::string text(size, '\0');
    for (char& c : text) c = static_cast<char>(random() % 128);
    transcript.Append(Text(text));
    expected.push_back(Text(text).SerializeAsString());
  }
  EXPECT_EQ(Read(transcript), expected);
}

TEST(TranscriptTest, AReaderGoesOnWhereItWas) {
  Transcript transcript;
  transcript.Append(Text("a"));
  const size_t position = transcript.ReadFrom(0, [](const auto&) {});
  EXPECT_EQ(position, transcript.end());
  EXPECT_TRUE(Read(transcript, position).empty());
  transcript.Append(Text("b"));
  EXPECT_THAT(Read(transcript, position),
              ElementsAre(Text("b").SerializeAsString()));
}

TEST(TranscriptTest, WhatIsNoPieceOfTheAnswerIsLeftOut) {
  Transcript transcript;
  pb::InvokeEvent event;
  transcript.Append(event);
  event.mutable_started()->set_cached(true);
  transcript.Append(event);
  event.mutable_final()->set_result("all");
  transcript.Append(event);
  EXPECT_EQ(transcript.end(), 0u);
}

TEST(TranscriptTest, FoldsThePiecesIntoOneAnswer) {
  Transcript transcript;
  pb::InvokeResponse by_delta, by_transcript;
  for (const pb::InvokeEvent& event : AllKinds()) {
    transcript.Append(event);
    FoldDelta(event, by_delta);
  }
  transcript.Append(Text(" and more"));
  FoldDelta(Text(" and more"), by_delta);
  FoldTranscript(transcript.packed(), by_transcript);
  EXPECT_EQ(by_transcript.SerializeAsString(), by_delta.SerializeAsString());
  EXPECT_EQ(by_delta.result(), "text and more");
  EXPECT_EQ(by_delta.reasoning(), "reasoning");
  EXPECT_EQ(by_delta.refusal(), "refusal");
  ASSERT_EQ(by_delta.tool_calls_size(), 1);
  EXPECT_EQ(by_delta.tool_calls(0).id(), "call-1");
  EXPECT_EQ(by_delta.tool_calls(0).name(), "look_up");
  EXPECT_EQ(by_delta.tool_calls(0).arguments_json(), "{\"a\":1}");
}

TEST(TranscriptTest, ACallOnceSaidToBeIncompleteStaysSo) {
  Transcript transcript;
  transcript.Append(Fragment(0, "{\"a"));
  pb::InvokeEvent last = Fragment(0, "");
  last.mutable_tool_call()->set_incomplete(true);
  transcript.Append(last);
  pb::InvokeResponse response;
  FoldTranscript(transcript.packed(), response);
  ASSERT_EQ(response.tool_calls_size(), 1);
  EXPECT_TRUE(response.tool_calls(0).incomplete());
  EXPECT_EQ(response.tool_calls(0).arguments_json(), "{\"a");
}

TEST(TranscriptTest, FragmentsOfSeveralToolCallsMayAlternate) {
  pb::InvokeResponse response;
  FoldDelta(Fragment(1, "b"), response);
  FoldDelta(Fragment(0, "a"), response);
  FoldDelta(Fragment(1, "B"), response);
  ASSERT_EQ(response.tool_calls_size(), 2);
  EXPECT_EQ(response.tool_calls(0).arguments_json(), "a");
  EXPECT_EQ(response.tool_calls(1).arguments_json(), "bB");
}

}  // namespace
}  // namespace holysheep
