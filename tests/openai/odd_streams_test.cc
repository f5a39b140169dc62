#include <string>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "openai/reading.h"

// Streams as upstreams and what stands before them really send them.
namespace holysheep {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kFine[] =
    "data: {\"choices\":[{\"delta\":{\"content\":\"fine\"}}]}\n\n";

std::string Between(absl::string_view oddity) {
  return absl::StrCat(oddity, kFine, oddity, Finish("stop"), oddity,
                      "data: [DONE]\n\n");
}

TEST(OddStreamsTest, KeepAlivesInAnyDressAreNeitherProgressNorFault) {
  for (const char* oddity :
       {": x\n\n", "data: : keepalive\n\n", "data: ping\n\n", "data:\n\n",
        "data: null\n\n", "data: \"\"\n\n", "data: []\n\n", "data: {}\n\n",
        "data: 0\n\n", "data: tick tock\n\n", "event: ping\ndata: {bad\n\n",
        "event: heartbeat\ndata: {\"type\":\"heartbeat\"}\n\n",
        "event: keepalive\n\n", "data: {\"type\":\"ping\"}\n\n",
        "HEARTBEAT\n\n", "\xEF\xBB\xBF\n"}) {
    const Reading reading = ReadOne(Between(oddity));
    ASSERT_TRUE(reading.status.ok()) << oddity << reading.status;
    EXPECT_EQ(reading.deltas, "text fine\n") << oddity;
    EXPECT_THAT(reading.response.warnings(), IsEmpty()) << oddity;
  }
}

TEST(OddStreamsTest, AnErrorThatSaysNothingIsNone) {
  for (const char* error : {"null", "\"\"", "{}", "false", "0", "[]",
                            R"({"code":0,"message":"","details":[]})"}) {
    const Reading reading = ReadOne(absl::StrCat(
        R"(data: {"choices":[{"delta":{"content":"fine"},"error":)", error,
        R"(,"finish_reason":"stop"}],"error":)", error, "}\n\n"));
    ASSERT_TRUE(reading.status.ok()) << error << reading.status;
    EXPECT_EQ(reading.deltas, "text fine\n");
  }
}

TEST(OddStreamsTest, HalvesOfACharacterAreJoinedInEachField) {
  const std::string body =
      Chunk(R"({"content":"ok \ud83d","reasoning":"\ud83d"})") +
      Chunk(R"({"content":"\udc4d done","reasoning":"\udc4d"})") +
      Chunk("{\"refusal\":\"\xC3\"}") + Chunk("{\"refusal\":\"\xA4\"}") +
      Finish("stop");
  const Reading reading = ReadOne(body);
  ASSERT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_EQ(reading.deltas,
            "text ok \nreasoning \xF0\x9F\x91\x8D\n"
            "text \xF0\x9F\x91\x8D done\nrefusal \xC3\xA4\n");
}

TEST(OddStreamsTest, HalvesOfACharacterInArgumentsAreJoinedCallByCall) {
  const auto call = [](int index, absl::string_view arguments) {
    return Chunk(absl::StrCat(R"({"tool_calls":[{"index":)", index,
                              R"(,"function":{"name":"f","arguments":")",
                              arguments, "\"}}]}"));
  };
  const Reading reading = ReadOne(
      call(0, R"([\"\ud83d)") + call(1, R"([\"\ud83d)") +
      call(0, R"(\udc4d\"])") + call(1, R"(\"])") + Finish("tool_calls"));
  ASSERT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_THAT(reading.deltas, HasSubstr("\xF0\x9F\x91\x8D\"]"));
  EXPECT_THAT(reading.deltas, HasSubstr("\xEF\xBF\xBD\"]"));
  EXPECT_THAT(reading.response.warnings(), IsEmpty());
}

TEST(OddStreamsTest, WhatIsNoCharacterIsReplaced) {
  EXPECT_EQ(ReadOne(Chunk("{\"content\":\"a caf\xC3\"}") +
                    Chunk(R"({"content":" b"})") + Finish("stop"))
                .deltas,
            "text a caf\ntext \xEF\xBF\xBD b\n");
  EXPECT_EQ(ReadOne(Chunk(R"({"content":"x\ud83d"})") + Finish("stop")).deltas,
            "text x\ntext \xEF\xBF\xBD\n");
  // A backslash that escapes another one escapes nothing else.
  EXPECT_EQ(
      ReadOne(Chunk(R"({"content":"\\ud83d\n"})") + Finish("stop")).deltas,
      "text \\ud83d\n\n");
  const Reading ids = ReadOne(
      "data: {\"id\":\"i\xFF\",\"model\":\"m\xFF\",\"choices\":[{\"delta\":"
      "{\"content\":\"a\",\"extra_content\":\"\xFF\"},"
      "\"finish_reason\":\"stop\xFF\"}]}\n\n");
  ASSERT_TRUE(ids.status.ok()) << ids.status;
  EXPECT_EQ(ids.response.upstream_request_id(), "i\xEF\xBF\xBD");
  EXPECT_EQ(ids.response.opaque_json(), "{\"extra_content\":\"\xEF\xBF\xBD\"}");
}

TEST(OddStreamsTest, WhatIsNoNumberIsPassedOver) {
  const Reading reading = ReadOne(
      R"(data: {"created":[NaN,-Infinity,Infinity],"x":NaN,"choices":[{"delta":)"
      R"({"content":"fine","extra_content":[NaN]},"finish_reason":"stop"}]})"
      "\n\n");
  ASSERT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_EQ(reading.deltas, "text fine\n");
  EXPECT_EQ(reading.response.opaque_json(), R"({"extra_content":[null]})");
}

TEST(OddStreamsTest, AByteOrderMarkIsPassedOver) {
  const std::string whole =
      R"({"choices":[{"message":{"content":"fine"},"finish_reason":"stop"}]})";
  for (const std::string& body :
       {"\xEF\xBB\xBF" + whole, " \n\xEF\xBB\xBF " + whole,
        "\xEF\xBB\xBF" + Between(""), "data: \xEF\xBB\xBF" + whole + "\n\n"}) {
    EXPECT_EQ(ReadOne(body).deltas, "text fine\n") << body;
    EXPECT_EQ(Read({body.substr(0, 1), body.substr(1)}).deltas, "text fine\n");
  }
}

TEST(OddStreamsTest, ErrorsAreUnderstoodInEveryShape) {
  for (const char* shape :
       {"data: {\"object\":\"error\",\"message\":\"oh dear\",\"code\":500}\n\n",
        "data: {\"code\":1302,\"msg\":\"oh dear\"}\n\n",
        "data: {\"code\":\"x1\",\"message\":\"oh dear\"}\n\n",
        "data: {\"base_resp\":{\"status_code\":1008,\"status_msg\":\"oh "
        "dear\"}}\n\n",
        "data: {\"error\":true,\"message\":\"oh dear\"}\n\n",
        "data: {\"detail\":\"oh dear\"}\n\n",
        "data: {\"detail\":[{\"loc\":[\"body\"],\"msg\":\"oh dear\"}]}\n\n",
        "data: {\"errors\":[{\"message\":\"oh dear\"}]}\n\n",
        "data: {\"error_code\":336100,\"error_msg\":\"oh dear\"}\n\n",
        "data: {\"status\":500,\"message\":\"oh dear\"}\n\n",
        "data: {\"success\":false,\"msg\":\"oh dear\"}\n\n",
        "data: [{\"error\":{\"message\":\"oh dear\"}}]\n\n",
        "event: error\ndata: oh dear\n\n",
        "{\"error\":{\"message\":\"oh dear\"}}\n\n",
        "{\n \"error\": {\"message\": \"oh dear\"}\n}\n", "oh dear\n",
        "data: oh dear\n\n", "oh dear"}) {
    for (const std::string& body :
         {std::string(shape), absl::StrCat(shape, "\n\ndata: [DONE]\n\n"),
          absl::StrCat(": hi\n\n", shape), absl::StrCat(kFine, shape)}) {
      const absl::Status status = ReadOne(body).status;
      EXPECT_THAT(std::string(status.message()), HasSubstr("oh dear")) << body;
    }
  }
}

TEST(OddStreamsTest, AnErrorInAnyShapeUponAnAnswerIsNoEndOfIt) {
  const std::string text =
      "data: {\"choices\":[{\"delta\":{\"content\":\"half\"}}]}\n\n";
  for (const char* shape :
       {R"({"detail":"oh dear"})", R"({"errors":[{"message":"oh dear"}]})",
        R"({"error_code":336100,"error_msg":"oh dear"})",
        R"({"status":500,"message":"oh dear"})",
        R"({"success":false,"message":"oh dear"})"}) {
    const absl::Status status =
        ReadOne(absl::StrCat(text, "data: ", shape, "\n\ndata: [DONE]\n\n"))
            .status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("oh dear")) << shape;
  }
}

TEST(OddStreamsTest, ACodeThatSpeaksOfSuccessIsNoError) {
  for (const char* code : {"0", "200", "\"0\"", "null", "\"success\""}) {
    const Reading reading = ReadOne(Between(absl::StrCat(
        "data: {\"code\":", code, ",\"msg\":\"ok\"}\n\n",
        "data: {\"base_resp\":{\"status_code\":0,\"status_msg\":\"\"}}\n\n")));
    EXPECT_TRUE(reading.status.ok()) << code << reading.status;
  }
}

TEST(OddStreamsTest, APageIsToldByItsText) {
  const absl::Status status =
      ReadOne(
          "<html><head><TITLE>502 Bad Gateway</TITLE><Style>p {}</style>"
          "<!-- > --><script>if (a > b) c();</SCRIPT></head>\n"
          "<h1>Closed</h1><p class=\"x\">for\n repair</p>")
          .status;
  EXPECT_EQ(ReasonOf(status), Reason::kUpstreamMalformed);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("(502 Bad Gateway Closed for repair)"));
}

TEST(OddStreamsTest, ChunksWithoutTheirDressAreRead) {
  const std::string chunk = R"({"choices":[{"delta":{"content":"a"}}]})";
  const std::string end =
      R"({"choices":[{"delta":{},"finish_reason":"stop"}]})";
  for (const std::string& body :
       {chunk + "\n" + end + "\n", ": hi\n\n" + chunk + "\n\n" + end + "\n\n",
        "data: " + chunk + "\n\n" + end}) {
    const Reading reading = ReadOne(body);
    EXPECT_TRUE(reading.status.ok()) << body << reading.status;
    EXPECT_EQ(reading.deltas, "text a\n");
  }
}

}  // namespace
}  // namespace holysheep
