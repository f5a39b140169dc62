#include "openai/opaque_parts.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "json/json.h"
#include "openai/reading.h"

// Parts of an answer that have no field of their own.
namespace holysheep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string ChoiceChunk(absl::string_view members,
                        absl::string_view beside = "") {
  return absl::StrCat(R"(data: {"choices":[{"index":0,)", members, "}]", beside,
                      "}\n\n");
}

Reading ReadText(absl::string_view chunks) {
  return ReadOne(
      absl::StrCat(Chunk(R"({"content":"x"})"), chunks, Finish("stop")));
}

std::string OpaqueOf(absl::string_view chunks) {
  const Reading reading = ReadText(chunks);
  EXPECT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_THAT(reading.response.warnings(), IsEmpty());
  const std::string& opaque = reading.response.opaque_json();
  EXPECT_TRUE(opaque.empty() || CheckJsonObject(opaque).ok()) << opaque;
  return opaque;
}

TEST(OpaquePartsTest, PicturesFromSeveralChunksAreOneList) {
  EXPECT_EQ(OpaqueOf(Chunk(R"({"images":[{"url":"a"}]})") +
                     Chunk(R"({"content":"","images":[{"url":"b"}]})")),
            R"({"images":[{"url":"a"},{"url":"b"}],)"
            R"("for_caller_only":["images"]})");
}

TEST(OpaquePartsTest, ListsThatAreRepeatedOrGrowAreNotDoubled) {
  const auto cited = [](absl::string_view list) {
    return ChoiceChunk(R"("delta":{"content":"y"})",
                       absl::StrCat(R"(,"citations":)", list));
  };
  EXPECT_EQ(
      OpaqueOf(cited(R"(["u"])") + cited(R"(["u"])") + cited(R"(["u","v"])")),
      R"({"citations":["u","v"],"for_caller_only":["citations"]})");
}

TEST(OpaquePartsTest, ProbabilitiesAreConcatenated) {
  const auto token = [](absl::string_view text) {
    return ChoiceChunk(absl::StrCat(
        R"("delta":{"content":"a"},"logprobs":{"content":[{"token":")", text,
        R"(","logprob":-0.25}],"refusal":null})"));
  };
  EXPECT_EQ(OpaqueOf(token("a") + token("a")),
            R"({"logprobs":{"content":[{"token":"a","logprob":-0.25},)"
            R"({"token":"a","logprob":-0.25}]},)"
            R"("for_caller_only":["logprobs"]})");
}

TEST(OpaquePartsTest, SoundInPiecesIsJoined) {
  EXPECT_EQ(OpaqueOf(Chunk(R"({"audio":{"id":"a","data":"AA"}})") +
                     Chunk(R"({"audio":{"data":"BB","transcript":"Gu"}})") +
                     Chunk(R"({"audio":{"transcript":"ten","expires_at":9}})")),
            R"({"audio":{"data":"AABB","expires_at":9,"id":"a",)"
            R"("transcript":"Guten"},"for_caller_only":["audio"]})");
}

TEST(OpaquePartsTest, UnknownMembersAreKeptWhereverTheyStand) {
  EXPECT_EQ(
      OpaqueOf(ChoiceChunk(R"("delta":{"annotations":[{"u":1}],"mood":"ok"},)"
                           R"("grounding":{"a":1})",
                           R"(,"search_results":[{"t":"x"}],"model":"m")")),
      R"({"annotations":[{"u":1}],"grounding":{"a":1},"mood":"ok",)"
      R"("search_results":[{"t":"x"}],"for_caller_only":)"
      R"(["annotations","grounding","mood","search_results"]})");
}

TEST(OpaquePartsTest, OfOtherValuesTheLastHolds) {
  EXPECT_EQ(OpaqueOf(Chunk(R"({"mood":{"a":1}})") + Chunk(R"({"mood":2})")),
            R"({"mood":2,"for_caller_only":["mood"]})");
}

TEST(OpaquePartsTest, WhatDescribesTheTransportIsNothing) {
  EXPECT_EQ(
      OpaqueOf(ChoiceChunk(
          R"("delta":{"role":"assistant","audio":null,"images":[],)"
          R"("annotations":[],"function_call":null},"logprobs":{"content":[],)"
          R"("refusal":null},"native_finish_reason":"STOP","stop_reason":1)",
          R"(,"id":"c","object":"chat.completion.chunk","created":1,)"
          R"("provider":"p","service_tier":"default","usage":null,)"
          R"("system_fingerprint":"f","citations":[],"request_id":"r",)"
          R"("obfuscation":"aZ","latency":0.5,"x_groq":{"id":"g"})")),
      "");
}

TEST(OpaquePartsTest, AnAnswerThatIsOnlyAPictureSaysSomething) {
  for (const std::string& body :
       {Chunk(R"({"content":"","images":[{"url":"a"}]})") + Finish("stop"),
        Chunk(R"({"content":[{"type":"image_url","image_url":"a"}]})") +
            Finish("stop"),
        std::string(R"({"choices":[{"message":{"content":null,)"
                    R"("images":[{"url":"a"}]},"finish_reason":"stop"}]})")}) {
    const Reading reading = ReadOne(body);
    ASSERT_TRUE(reading.status.ok()) << reading.status;
    EXPECT_THAT(reading.response.opaque_json(), HasSubstr("\"a\"")) << body;
    EXPECT_THAT(reading.response.warnings(), IsEmpty());
  }
}

TEST(OpaquePartsTest, ARemarkIsNotAnAnswer) {
  const Reading reading =
      ReadOne(ChoiceChunk(R"("delta":{"content":""},"finish_reason":"stop")",
                          R"(,"citations":["u"])"));
  EXPECT_THAT(reading.response.opaque_json(), HasSubstr("citations"));
  EXPECT_THAT(reading.response.warnings(),
              ElementsAre(HasSubstr("said nothing")));
}

TEST(OpaquePartsTest, APictureAfterTheFinishReasonContinuesTheAnswer) {
  std::mt19937_64 random{1};
  const auto reader = NewAnswerReader({}, random);
  const auto ignore = [](const pb::InvokeEvent&) {};
  ASSERT_TRUE(reader->Feed(Chunk(R"({"content":"a"})"), ignore).ok());
  ASSERT_TRUE(reader->Feed(Finish("stop"), ignore).ok());
  const size_t said = reader->said();
  const std::string remark = "data: {\"choices\":[],\"citations\":[\"u\"]}\n\n";
  ASSERT_TRUE(reader->Feed(remark, ignore).ok());
  EXPECT_EQ(reader->state(), AnswerReader::State::kFinished);
  EXPECT_EQ(reader->said(), said);
  ASSERT_TRUE(reader->Feed(Chunk(R"({"images":["u"]})"), ignore).ok());
  EXPECT_EQ(reader->state(), AnswerReader::State::kResumed);
  EXPECT_GT(reader->said(), said);
}

TEST(OpaquePartsTest, WhatDoesNotFitIsNamed) {
  const std::string large(OpaqueParts::kMaxBytes, 'A');
  const Reading reading = ReadOne(
      absl::StrCat(Chunk(R"({"images":["small"]})"),
                   Chunk(absl::StrCat(R"({"images":[")", large, "\"]}")),
                   Chunk(R"({"images":["after a gap"]})"), Finish("stop")));
  ASSERT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_EQ(reading.response.opaque_json(),
            R"({"images":["small"],"for_caller_only":["images"]})");
  EXPECT_THAT(reading.response.warnings(), ElementsAre(HasSubstr("images")));
}

TEST(OpaquePartsTest, AllPartsTogetherAreBounded) {
  std::string body;
  const std::string piece(1000, 'A');
  for (int i = 0; i < 3000; ++i) {
    absl::StrAppend(&body, Chunk(absl::StrCat(R"({"part)", i % 100, R"(":[")",
                                              piece, i, "\"]}")));
  }
  const Reading reading = ReadText(body);
  ASSERT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_LE(reading.response.opaque_json().size(),
            OpaqueParts::kMaxBytes + 4096);
  EXPECT_THAT(reading.response.warnings(), ElementsAre(HasSubstr("part")));
}

TEST(OpaquePartsTest, WhatTheIntakeWouldRefuseIsNamed) {
  for (const char* delta :
       {R"({"Content":"a"})", R"({"mood":{"a":1,"a":2}})",
        R"({"tool_call_id":"a"})", R"({"for_caller_only":["a"]})"}) {
    const Reading reading = ReadText(Chunk(delta));
    ASSERT_TRUE(reading.status.ok()) << reading.status;
    EXPECT_THAT(reading.response.warnings(),
                ElementsAre(HasSubstr("opaque_json")))
        << delta;
    const std::string& opaque = reading.response.opaque_json();
    EXPECT_TRUE(opaque.empty() || opaque == "{}") << opaque;
  }
  std::string many = "[1";
  for (int i = 0; i < 300'000; ++i) many += ",1";
  const Reading reading = ReadText(Chunk(R"({"many":)" + many + "]}"));
  EXPECT_THAT(reading.response.warnings(), ElementsAre(HasSubstr("many")));
  EXPECT_TRUE(CheckJsonObject(reading.response.opaque_json() + "").ok());
}

}  // namespace
}  // namespace holysheep
