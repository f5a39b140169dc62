#include "chat/transcript.h"

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
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
  pb::InvokeEvent event;
  while (position < transcript.end()) {
    position = transcript.ReadOne(position, event);
    pieces.push_back(event.SerializeAsString());
  }
  return pieces;
}

std::string Describe(const pb::InvokeEvent& event) {
  switch (event.event_case()) {
    case pb::InvokeEvent::kText:
      return "text " + event.text();
    case pb::InvokeEvent::kReasoning:
      return "reasoning " + event.reasoning();
    case pb::InvokeEvent::kRefusal:
      return "refusal " + event.refusal();
    default:
      const pb::ToolCallDelta& call = event.tool_call();
      return absl::StrCat("call ", call.index(), " ", call.id(), call.name(),
                          call.arguments_fragment(),
                          call.incomplete() ? " incomplete" : "");
  }
}

std::vector<std::string> ReadMerged(const Transcript& transcript) {
  std::vector<std::string> merged;
  transcript.ReadFrom(0, [&merged](const pb::InvokeEvent& event) {
    merged.push_back(Describe(event));
  });
  return merged;
}

pb::InvokeEvent Reasoning(std::string text) {
  pb::InvokeEvent event;
  event.set_reasoning(std::move(text));
  return event;
}

// The beginning of a call.
pb::InvokeEvent Call(int index, std::string id) {
  pb::InvokeEvent event = Fragment(index, "");
  event.mutable_tool_call()->set_id(std::move(id));
  return event;
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

TEST(TranscriptTest, NeighboursOfAKindAreReadAsOne) {
  Transcript transcript;
  for (const auto& event :
       {Reasoning("h"), Reasoning("m"), Text("a"), Text("b"), Reasoning("?"),
        Text("c"), Call(0, "x"), Fragment(0, "{"), Fragment(0, "}"),
        Fragment(1, "[]"), Call(1, "y"), Fragment(0, "1"), Call(0, "z")}) {
    transcript.Append(event);
  }
  EXPECT_THAT(ReadMerged(transcript),
              ElementsAre("reasoning hm", "text ab", "reasoning ?", "text c",
                          "call 0 x{}", "call 1 []", "call 1 y", "call 0 1",
                          "call 0 z"));
}

TEST(TranscriptTest, ARefusalIsReadAsOneAndAnIncompleteCallStaysSo) {
  Transcript transcript;
  pb::InvokeEvent refusal, cut = Fragment(0, "\"a");
  cut.mutable_tool_call()->set_incomplete(true);
  refusal.set_refusal("no");
  for (const auto& event : {refusal, refusal, Fragment(0, "{"), cut}) {
    transcript.Append(event);
  }
  EXPECT_THAT(ReadMerged(transcript),
              ElementsAre("refusal nono", "call 0 {\"a incomplete"));
}

TEST(TranscriptTest, WhatIsReadAsOneHasABound) {
  Transcript transcript;
  const std::string half(kMaxMergedBytes / 2, 'a');
  const std::string large(kMaxMergedBytes + 1, 'b');
  for (const auto& text : {half, half, std::string("c"), large, half}) {
    transcript.Append(Text(text));
  }
  EXPECT_THAT(ReadMerged(transcript),
              ElementsAre("text " + half + half, "text c", "text " + large,
                          "text " + half));
}

TEST(TranscriptTest, MergingLosesNothingOfAnyAnswer) {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    Transcript transcript;
    for (int i = 0; i < 60; ++i) {
      const std::string text(random() % (i % 9 == 0 ? 3000 : 9),
                             static_cast<char>('a' + i % 26));
      const int index = static_cast<int>(random() % 2);
      const pb::InvokeEvent choices[] = {Text(text), Reasoning(text),
                                         Fragment(index, text),
                                         Call(index, text)};
      transcript.Append(choices[random() % 4]);
    }
    pb::InvokeResponse one_by_one, merged;
    FoldTranscript(transcript.packed(), one_by_one);
    transcript.ReadFrom(0, [&merged](const pb::InvokeEvent& event) {
      FoldDelta(event, merged);
    });
    EXPECT_EQ(merged.SerializeAsString(), one_by_one.SerializeAsString());
  }
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
