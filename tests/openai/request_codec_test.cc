#include "openai/request_codec.h"

#include <memory>
#include <string>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"
#include "openai/encoding.h"

namespace holysheep {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using RequestCodecTest = EncodingTest;

TEST_F(RequestCodecTest, ASmallRequestIsExactlyThis) {
  const auto encoded = Encode(
      "query: 'Hallo \"Welt\"' temperature: 0.7 max_tokens: 2048 top_p: 0.95");
  ASSERT_TRUE(encoded.ok());
  EXPECT_EQ(encoded->body,
            R"({"model":"all","messages":[{"role":"user",)"
            R"("content":"Hallo \"Welt\""}],"temperature":0.7,"top_p":0.95,)"
            R"("max_tokens":2048,"stream":true,)"
            R"("stream_options":{"include_usage":true}})");
  EXPECT_THAT(encoded->warnings, IsEmpty());
}

TEST_F(RequestCodecTest, EveryScalarReachesTheUpstream) {
  const std::string text =
      "query: 'q' top_k: 40 presence_penalty: -0.5 frequency_penalty: 2 "
      "seed: -9007199254740993 stop: 'a' stop: 'b' user: 'u'";
  EXPECT_EQ(Member(text, "top_k"), "40");
  EXPECT_EQ(Member(text, "presence_penalty"), "-0.5");
  EXPECT_EQ(Member(text, "frequency_penalty"), "2.0");
  EXPECT_EQ(Member(text, "seed"), "-9007199254740993");
  EXPECT_EQ(Member(text, "stop"), R"(["a","b"])");
  EXPECT_EQ(Member(text, "user"), R"("u")");
}

TEST_F(RequestCodecTest, ZeroIsSentAndUnsetIsNot) {
  EXPECT_EQ(Member("query: 'q' temperature: 0", "temperature"), "0.0");
  EXPECT_EQ(Member("query: 'q'", "temperature"), "");
  EXPECT_EQ(Member("query: 'q'", "top_k"), "");
}

TEST_F(RequestCodecTest, APlainReplyCanBeAskedFor) {
  auto message = std::make_shared<pb::InvokeRequest>();
  message->set_query("q");
  ChatRequest request;
  request.message = message;
  request.catalog = catalog_;
  request.target = catalog_->TargetFor("all");
  const auto encoded = EncodeRequest(request, {.stream = false});
  EXPECT_THAT(encoded->body, HasSubstr(R"("stream":false})"));
}

TEST_F(RequestCodecTest, ASystemPromptComesFirst) {
  EXPECT_EQ(Messages("query: 'q' system_prompt: 's'"),
            R"([{"role":"system","content":"s"},)"
            R"({"role":"user","content":"q"}])");
}

TEST_F(RequestCodecTest, EveryRoleHasItsMembers) {
  EXPECT_EQ(Messages(R"(messages { role: SYSTEM parts { text: "s" } }
                  messages { role: USER parts { text: "u" } name: "bob" }
                  messages {
                    role: ASSISTANT reasoning: "hm"
                    tool_calls { id: "c1" name: "f" arguments_json: "{\"a\":1}" }
                    tool_calls { id: "c2" name: "g" }
                  }
                  messages { role: TOOL parts { text: "42" } tool_call_id: "c1" }
                  messages { role: USER })"),
            R"([{"role":"system","content":"s"},)"
            R"({"role":"user","content":"u","name":"bob"},)"
            R"({"role":"assistant","content":null,"reasoning_content":"hm",)"
            R"("tool_calls":[{"id":"c1","type":"function","function":)"
            R"({"name":"f","arguments":"{\"a\":1}"}},)"
            R"({"id":"c2","type":"function","function":)"
            R"({"name":"g","arguments":"{}"}}]},)"
            R"({"role":"tool","content":"42","tool_call_id":"c1"},)"
            R"({"role":"user","content":""}])");
}

TEST_F(RequestCodecTest, EveryKindOfPartHasItsForm) {
  EXPECT_EQ(
      Messages(R"(messages { role: USER
          parts { text: "look" }
          parts { image { url: "https://x/i.png" detail: "low" } }
          parts { image { data: "hi" mime_type: "image/png" } }
          parts { audio { data: "hi" mime_type: "audio/x-wav" } }
          parts { audio { url: "data:audio/mpeg;base64,aGk=" } }
          parts { audio { url: "https://x/a.mp3" } }
          parts { video { url: "https://x/v.mp4" } }
          parts { document { data: "hi" mime_type: "application/pdf"
                             name: "a.pdf" } }
          parts { document { url: "https://x/d.pdf" } } })"),
      R"([{"role":"user","content":[{"type":"text","text":"look"},)"
      R"({"type":"image_url","image_url":)"
      R"({"url":"https://x/i.png","detail":"low"}},)"
      R"({"type":"image_url","image_url":{"url":"data:image/png;base64,aGk="}},)"
      R"({"type":"input_audio","input_audio":{"data":"aGk=","format":"wav"}},)"
      R"({"type":"input_audio","input_audio":{"data":"aGk=","format":"mp3"}},)"
      R"({"type":"audio_url","audio_url":{"url":"https://x/a.mp3"}},)"
      R"({"type":"video_url","video_url":{"url":"https://x/v.mp4"}},)"
      R"({"type":"file","file":{"filename":"a.pdf",)"
      R"("file_data":"data:application/pdf;base64,aGk="}},)"
      R"({"type":"file","file":{"filename":"document",)"
      R"("file_data":"https://x/d.pdf"}}]}])");
}

TEST_F(RequestCodecTest, AnOpaqueAnswerGoesBackWhereItCameFrom) {
  EXPECT_EQ(
      Messages(R"(messages { role: ASSISTANT parts { text: "t" }
          tool_calls { id: "c1" name: "f" arguments_json: "{}" }
          opaque_json: '{"reasoning_details":[{"a":1}],'
                       '"tool_calls":{"c1":{"extra_content":{"s":"x"}}}}' })"),
      R"([{"role":"assistant","content":"t","reasoning_details":[{"a":1}],)"
      R"("tool_calls":[{"id":"c1","type":"function","function":)"
      R"({"name":"f","arguments":"{}"},"extra_content":{"s":"x"}}]}])");
}

TEST_F(RequestCodecTest, PartsForTheCallerAreNotSentBack) {
  EXPECT_EQ(Messages(R"(messages { role: ASSISTANT parts { text: "t" }
          opaque_json: '{"images":["u"],"ex\\u0074ra_content":"s",'
                       '"for_caller_only":["im\\u0061ges"]}' })"),
            R"([{"role":"assistant","content":"t","extra_content":"s"}])");
}

TEST_F(RequestCodecTest, WhatGoesBackWithACallGoesBackOnce) {
  EXPECT_EQ(Messages(R"(messages { role: ASSISTANT
          tool_calls { id: "c" name: "f" } tool_calls { id: "c" name: "g" }
          opaque_json: ' { "tool\\u005fcalls" : {"\\u0063":{"s":"}\\""} } }' })"),
            R"([{"role":"assistant","content":null,"tool_calls":[)"
            R"({"id":"c","type":"function","function":)"
            R"({"name":"f","arguments":"{}"},"s":"}\""},)"
            R"({"id":"c","type":"function","function":)"
            R"({"name":"g","arguments":"{}"}}]}])");
}

TEST_F(RequestCodecTest, ToolsAreFunctions) {
  EXPECT_EQ(Member(kTool, "tools"),
            R"([{"type":"function","function":{"name":"f","description":"d",)"
            R"("parameters":{"type":"object"},"strict":true}}])");
}

TEST_F(RequestCodecTest, AToolChoiceIsAWordOrAFunction) {
  const std::string tool = kTool;
  for (const std::string word : {"auto", "none", "required"}) {
    EXPECT_EQ(Member(tool + "tool_choice: '" + word + "'", "tool_choice"),
              "\"" + word + "\"");
  }
  EXPECT_EQ(Member(tool + "tool_choice: 'f'", "tool_choice"),
            R"({"type":"function","function":{"name":"f"}})");
  EXPECT_EQ(Member(tool + "parallel_tool_calls: false", "parallel_tool_calls"),
            "false");
}

TEST_F(RequestCodecTest, AResponseFormatHasItsForm) {
  EXPECT_EQ(Member("query: 'q' response_format { type: JSON_OBJECT }",
                   "response_format"),
            R"({"type":"json_object"})");
  EXPECT_EQ(Member(R"(query: 'q' response_format { type: JSON_SCHEMA
                      schema_json: '{"type":"object"}' strict: true })",
                   "response_format"),
            R"({"type":"json_schema","json_schema":{"name":"response",)"
            R"("schema":{"type":"object"},"strict":true}})");
  EXPECT_EQ(Member("query: 'q' response_format {}", "response_format"), "");
}

TEST_F(RequestCodecTest, ReasoningIsAskedForAsDocumented) {
  EXPECT_EQ(
      Member("query: 'q' reasoning { effort: 'high' }", "reasoning_effort"),
      R"("high")");
  EXPECT_EQ(Member("query: 'q' reasoning { effort: 'high' }", "thinking"), "");
  EXPECT_EQ(Member("query: 'q' reasoning { budget_tokens: 9 }", "thinking"),
            R"({"type":"enabled","budget_tokens":9})");
  EXPECT_EQ(Member("query: 'q' reasoning { enabled: true }", "thinking"),
            R"({"type":"enabled"})");
  EXPECT_EQ(Member("query: 'q' reasoning { enabled: false }", "thinking"),
            R"({"type":"disabled"})");
}

TEST_F(RequestCodecTest, ExtraParametersAreMerged) {
  const std::string text =
      R"(query: 'q' extra_params_json: '{"logit_bias":{"1":2},"top_a":1.50}')";
  EXPECT_EQ(Member(text, "logit_bias"), R"({"1":2})");
  EXPECT_EQ(Member(text, "top_a"), "1.50");
}

TEST_F(RequestCodecTest, ANumberThatIsNoneIsRefused) {
  EXPECT_EQ(DetailsOf(Encode("query: 'q' temperature: nan").status()).field,
            "temperature");
  EXPECT_EQ(DetailsOf(Encode("query: 'q' top_p: inf").status()).field, "top_p");
}

}  // namespace
}  // namespace holysheep
