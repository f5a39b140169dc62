#include <string>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "openai/reading.h"
#include "openai/streams.h"

namespace holysheep {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ResponseErrorsTest, AStreamCutAnywhereBeforeItsFinishReasonIsTruncated) {
  const absl::string_view body = kOpenAiStream;
  const size_t finish = body.find(R"("finish_reason":"stop"}])");
  for (size_t i = 0; i < finish; ++i) {
    const Reading reading = ReadOne(body.substr(0, i));
    ASSERT_EQ(ReasonName(ReasonOf(reading.status)), "STREAM_TRUNCATED") << i;
  }
}

TEST(ResponseErrorsTest, WhatHasTheWrongShapeIsMalformed) {
  for (const std::string& body :
       {std::string("data: garbage\n\n"), std::string("data: [1]\n\n"),
        std::string("data: {\"choices\":{}}\n\n"),
        std::string("data: {\"choices\":[1]}\n\n"), Chunk("[]"), Chunk("\"\""),
        Chunk(R"({"content":5})"), Chunk(R"({"tool_calls":{}})"),
        Chunk(R"({"tool_calls":[1]})"),
        // A character cut by the end; found by fuzzing.
        std::string("data: {\"a\":\"\xe1\n\n"),
        std::string("data: {\"a\":\"\xf0\n\n"),
        std::string("data: {\"choices\":[]}\0{\n\n", 24), std::string("{}"),
        std::string("{\"choices\":[]}"), std::string("{\"choices\":["),
        std::string("[]"), std::string("<html></html>"),
        std::string("not JSON"), std::string("\"text\""),
        std::string("null")}) {
    EXPECT_EQ(ReasonName(ReasonOf(ReadOne(body).status)), "UPSTREAM_MALFORMED")
        << body;
  }
}

TEST(ResponseErrorsTest, DeepNestingIsHarmless) {
  const std::string deep =
      std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_TRUE(
      ReadOne(Chunk(R"({"x":)" + deep + "}") + Finish("stop")).status.ok());
  const Reading reading =
      ReadOne(Chunk(R"({"extra_content":)" + deep + "}") + Finish("stop"));
  EXPECT_EQ(reading.response.opaque_json(), "");
  EXPECT_THAT(reading.response.warnings(),
              testing::ElementsAre(HasSubstr("extra_content")));
}

TEST(ResponseErrorsTest, AnAnswerIsBounded) {
  AnswerReaderOptions options;
  options.max_response_bytes = 10;
  const std::string five = Chunk(R"({"content":"12345"})");
  EXPECT_TRUE(Read({five, five, Finish("stop")}, options).status.ok());
  EXPECT_EQ(ReasonOf(Read({five, five, five}, options).status),
            Reason::kUpstreamMalformed);
  const Reading opaque = Read(
      {Chunk(R"({"extra_content":"1234567890"})"), Finish("stop")}, options);
  EXPECT_TRUE(opaque.status.ok());
  EXPECT_EQ(opaque.response.opaque_json(), "");
  const std::string endless = "data: " + std::string(2 << 20, 'x');
  EXPECT_EQ(ReasonOf(Read({endless}, options).status),
            Reason::kUpstreamMalformed);
  const std::string reply = "{\"x\":\"" + std::string(2 << 20, 'x');
  EXPECT_EQ(ReasonOf(Read({reply}, options).status),
            Reason::kUpstreamMalformed);
}

TEST(ResponseErrorsTest, TooManyToolCallsAreRefused) {
  std::string body;
  for (int i = 0; i < 200; ++i) {
    absl::StrAppend(&body, Chunk(absl::StrCat(R"({"tool_calls":[{"index":)", i,
                                              R"(,"id":"c"}]})")));
  }
  EXPECT_EQ(ReasonOf(ReadOne(body).status), Reason::kUpstreamMalformed);
}

TEST(ResponseErrorsTest, AnErrorInTheStreamIsTheOutcome) {
  const std::string text = Chunk(R"({"content":"a"})");
  const Reading limited = ReadOne(
      text + R"(data: {"error":{"code":429,"message":"slow down"}})" + "\n\n");
  EXPECT_EQ(limited.deltas, "text a\n");
  EXPECT_EQ(ReasonOf(limited.status), Reason::kRateLimitedUpstream);
  const Reading named =
      ReadOne(text + "event: error\ndata: {\"message\":\"overloaded\"}\n\n");
  EXPECT_EQ(ReasonOf(named.status), Reason::kUpstream5xx);
  const Reading plain = ReadOne(R"({"error":{"message":"oops"}})");
  EXPECT_EQ(ReasonOf(plain.status), Reason::kUpstream5xx);
}

TEST(ResponseErrorsTest, AnErrorInTheStreamHidesTheKey) {
  AnswerReaderOptions options;
  options.key = "hs-live-0123456789abcdefghij";
  const std::string body =
      "data: {\"error\":{\"message\":\"bad " + options.key + "\"}}\n\n";
  EXPECT_THAT(std::string(Read({body}, options).status.message()),
              Not(HasSubstr("hs-live")));
}

}  // namespace
}  // namespace holysheep
