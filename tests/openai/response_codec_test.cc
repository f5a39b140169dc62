#include "openai/response_codec.h"

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"
#include "openai/reading.h"
#include "openai/streams.h"

namespace holysheep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Response = pb::InvokeResponse;

TEST(ResponseCodecTest, ReadsAnOpenAiStream) {
  const Reading reading = ReadOne(kOpenAiStream);
  ASSERT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_EQ(reading.deltas,
            "text Gr\xc3\xbc\xc3\x9f"
            "e\ntext  \xf0\x9f\x90\x91!\n");
  const Response& response = reading.response;
  EXPECT_EQ(response.finish_reason(), Response::STOP);
  EXPECT_EQ(response.finish_reason_raw(), "stop");
  EXPECT_EQ(response.model_used(), "gpt-4.1-2025-04-14");
  EXPECT_EQ(response.system_fingerprint(), "fp_1");
  EXPECT_EQ(response.upstream_request_id(), "chatcmpl-9");
  EXPECT_EQ(response.usage().prompt_tokens(), 19);
  EXPECT_EQ(response.usage().completion_tokens(), 3);
  EXPECT_EQ(response.usage().total_tokens(), 22);
  EXPECT_EQ(response.usage().cached_prompt_tokens(), 16);
  EXPECT_EQ(response.tokens_used(), 22);
  EXPECT_FALSE(response.usage().estimated());
  EXPECT_THAT(response.warnings(), IsEmpty());
  EXPECT_EQ(response.result(), "");
}

TEST(ResponseCodecTest, ReadsToolCallsInFragments) {
  const Reading reading = ReadOne(kOpenAiToolStream);
  ASSERT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_EQ(reading.deltas,
            "call 0 call_a weather {\"city\":\n"
            "call 0   \"Ulm\"}\n"
            "call 1 call_b time {}\n");
  EXPECT_EQ(reading.response.finish_reason(), Response::TOOL_CALLS);
  EXPECT_EQ(reading.response.usage().total_tokens(), 110);
}

TEST(ResponseCodecTest, ReadsADeepSeekStream) {
  const Reading reading = ReadOne(kDeepSeekStream);
  ASSERT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_EQ(reading.deltas, "reasoning Let me\ntext 42\n");
  EXPECT_EQ(reading.response.usage().cached_prompt_tokens(), 4);
  EXPECT_EQ(reading.response.usage().reasoning_tokens(), 5);
}

TEST(ResponseCodecTest, ReadsAGeminiStream) {
  const Reading reading = ReadOne(kGeminiStream);
  ASSERT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_EQ(reading.deltas,
            "call 0 call-1 f {\"a\":1}\ncall 1 call-2 f {\"a\":2}\n");
  EXPECT_EQ(reading.response.usage().completion_tokens(), 50);
  EXPECT_EQ(reading.response.opaque_json(),
            R"({"tool_calls":{"call-1":{"extra_content":)"
            R"({"google":{"thought_signature":"s1=="}}}}})");
}

TEST(ResponseCodecTest, ReadsAClaudeStream) {
  AnswerReaderOptions options;
  options.estimated_prompt_tokens = 7;
  const Reading reading = Read({kClaudeStream}, options);
  ASSERT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_EQ(reading.deltas, "reasoning Hm\ntext Yes\ntext .\n");
  EXPECT_EQ(reading.response.finish_reason(), Response::STOP);
  EXPECT_EQ(reading.response.finish_reason_raw(), "end_turn");
  EXPECT_EQ(reading.response.opaque_json(),
            R"({"reasoning_details":[)"
            R"({"type":"reasoning.text","text":"Hm","index":0},)"
            R"({"type":"reasoning.text","signature":"sig","index":0}]})");
  // Nobody counted: six bytes are two tokens.
  EXPECT_TRUE(reading.response.usage().estimated());
  EXPECT_EQ(reading.response.usage().prompt_tokens(), 7);
  EXPECT_EQ(reading.response.usage().completion_tokens(), 2);
  EXPECT_EQ(reading.response.usage().total_tokens(), 9);
}

TEST(ResponseCodecTest, ReadsAPlainReply) {
  const Reading reading = ReadOne(kPlainReply);
  ASSERT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_EQ(reading.deltas, "reasoning think\ntext Hi\ncall 0 c1 f {}\n");
  EXPECT_EQ(reading.response.finish_reason(), Response::LENGTH);
  EXPECT_EQ(reading.response.usage().total_tokens(), 7);
  EXPECT_EQ(reading.response.upstream_request_id(), "p1");
}

TEST(ResponseCodecTest, EverySplitReadsTheSame) {
  for (const absl::string_view body :
       {kOpenAiStream, kOpenAiToolStream, kDeepSeekStream, kGeminiStream,
        kClaudeStream, kPlainReply}) {
    const Reading whole = ReadOne(body);
    std::vector<absl::string_view> bytes;
    for (size_t i = 0; i < body.size(); ++i) {
      const Reading split = Read({body.substr(0, i), body.substr(i)});
      ASSERT_EQ(split.deltas, whole.deltas) << "split at " << i;
      ASSERT_EQ(split.response.SerializeAsString(),
                whole.response.SerializeAsString());
      bytes.push_back(body.substr(i, 1));
    }
    EXPECT_EQ(Read(bytes).deltas, whole.deltas);
  }
}

TEST(ResponseCodecTest, AFinishReasonWithoutDoneIsWhole) {
  const Reading reading = ReadOne(Chunk(R"({"content":"a"})") + Finish("stop"));
  ASSERT_TRUE(reading.status.ok());
  EXPECT_EQ(reading.response.finish_reason(), Response::STOP);
  EXPECT_THAT(reading.response.warnings(), IsEmpty());
}

TEST(ResponseCodecTest, DoneWithoutAFinishReasonIsAcceptedButDoubtful) {
  const Reading reading =
      ReadOne(Chunk(R"({"content":"a"})") + "data: [DONE]\n\n");
  ASSERT_TRUE(reading.status.ok());
  EXPECT_EQ(reading.response.finish_reason(), Response::OTHER);
  EXPECT_EQ(reading.response.finish_reason_raw(), "");
  EXPECT_THAT(reading.response.warnings(),
              ElementsAre(HasSubstr("without a finish reason")));
}

TEST(ResponseCodecTest, TheLastEventNeedsNoBlankLine) {
  const Reading reading =
      ReadOne(Chunk(R"({"content":"a"})") +
              R"(data: {"choices":[{"delta":)"
              R"({"content":"b"},"finish_reason":"stop"}]})");
  ASSERT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_EQ(reading.deltas, "text a\ntext b\n");
}

TEST(ResponseCodecTest, WhatComesAfterDoneIsNotRead) {
  const Reading reading =
      ReadOne(Finish("stop") + "data: [DONE]\n\ndata: garbage\n\n");
  EXPECT_TRUE(reading.status.ok());
}

TEST(ResponseCodecTest, EveryFinishReasonIsKnown) {
  const std::pair<const char*, Response::FinishReason> cases[] = {
      {"stop", Response::STOP},
      {"STOP", Response::STOP},
      {"length", Response::LENGTH},
      {"MAX_TOKENS", Response::LENGTH},
      {"tool_calls", Response::TOOL_CALLS},
      {"function_call", Response::TOOL_CALLS},
      {"content_filter", Response::CONTENT_FILTER},
      {"SAFETY", Response::CONTENT_FILTER},
      {"eos_token", Response::STOP},
      {"completed", Response::STOP},
      {"model_length", Response::LENGTH},
      {"max_output_tokens", Response::LENGTH},
      {"model_context_window_exceeded", Response::LENGTH},
      {"RECITATION", Response::CONTENT_FILTER},
      {"PROHIBITED_CONTENT", Response::CONTENT_FILTER},
      {"sensitive", Response::CONTENT_FILTER},
      {"BlockList", Response::CONTENT_FILTER},
      {"SPII", Response::CONTENT_FILTER},
      {"refusal", Response::CONTENT_FILTER},
      {"gave_up", Response::OTHER},
  };
  for (const auto& [raw, reason] : cases) {
    const Reading reading = ReadOne(Chunk(R"({"content":"a"})") + Finish(raw));
    ASSERT_TRUE(reading.status.ok());
    EXPECT_EQ(reading.response.finish_reason(), reason) << raw;
    EXPECT_EQ(reading.response.finish_reason_raw(), raw);
    EXPECT_EQ(reading.response.warnings_size(),
              reason == Response::OTHER ? 1 : 0)
        << raw;
  }
}

TEST(ResponseCodecTest, OnlyTheFirstChoiceCounts) {
  const Reading reading =
      ReadOne(R"(data: {"choices":[{"index":1,"delta":{"content":"no"},)"
              R"("finish_reason":"length"},{"index":0,"delta":)"
              R"({"content":"yes"},"finish_reason":"stop"}]})"
              "\n\n");
  EXPECT_EQ(reading.deltas, "text yes\n");
  EXPECT_EQ(reading.response.finish_reason(), Response::STOP);
}

TEST(ResponseCodecTest, ARefusalAndAnOldFunctionCallAreRead) {
  EXPECT_EQ(ReadOne(Chunk(R"({"refusal":"No."})") + Finish("stop")).deltas,
            "refusal No.\n");
  EXPECT_THAT(
      ReadOne(Chunk(R"({"function_call":{"name":"f","arguments":"{\"a\""}})") +
              Chunk(R"({"function_call":{"arguments":":1}"}})") +
              Finish("function_call"))
          .deltas,
      testing::MatchesRegex(
          "call 0 call_[0-9A-Za-z]+ f .\"a\"\ncall 0   :1.\n"));
}

TEST(ResponseCodecTest, ArgumentsThatAreAnObjectBecomeText) {
  EXPECT_EQ(ReadOne(Chunk(R"({"tool_calls":[{"id":"c","function":)"
                          R"({"name":"f","arguments":{"a":[1.5]}}}]})") +
                    Finish("stop"))
                .deltas,
            "call 0 c f {\"a\":[1.5]}\n");
}

TEST(ResponseCodecTest, UnknownPartsAreKeptForTheCaller) {
  const Reading reading = ReadOne(
      Chunk(R"({"content":[{"type":"thinking","thinking":[{"text":"t"}]},)"
            R"({"type":"image","url":"u"}]})") +
      Finish("stop"));
  EXPECT_EQ(reading.deltas, "reasoning t\n");
  EXPECT_EQ(reading.response.opaque_json(),
            R"({"content_parts":[{"type":"image","url":"u"}],)"
            R"("for_caller_only":["content_parts"]})");
  EXPECT_THAT(reading.response.warnings(), IsEmpty());
}

TEST(ResponseCodecTest, TellsWhenTheAnswerIsWholeAndWhenItIsOver) {
  const auto ignore = [](const pb::InvokeEvent&) {};
  std::mt19937_64 random{1};
  const auto reader = NewAnswerReader({}, random);
  ASSERT_TRUE(reader->Feed(Chunk(R"({"content":"a"})"), ignore).ok());
  EXPECT_EQ(reader->state(), AnswerReader::State::kOpen);
  ASSERT_TRUE(reader->Feed(Finish("stop"), ignore).ok());
  EXPECT_EQ(reader->state(), AnswerReader::State::kFinished);
  ASSERT_TRUE(reader->Feed(Chunk(R"({"content":"b"})"), ignore).ok());
  EXPECT_EQ(reader->state(), AnswerReader::State::kResumed);
  ASSERT_TRUE(reader->Feed("data: [DONE]\n\n", ignore).ok());
  EXPECT_EQ(reader->state(), AnswerReader::State::kDone);
}

TEST(ResponseCodecTest, TheModelAskedForStandsInForOneNotNamed) {
  AnswerReaderOptions options;
  options.model = "asked";
  EXPECT_EQ(Read({Finish("stop")}, options).response.model_used(), "asked");
}

}  // namespace
}  // namespace holysheep
