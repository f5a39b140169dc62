#include "cli/batch/openai_request.h"

#include <string>

#include "cli/batch/batch_json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep::cli {
namespace {

using ::testing::HasSubstr;

std::string Line(const std::string& body) {
  return R"({"custom_id":"a","method":"POST","url":"/v1/chat/completions",)"
         R"("body":)" +
         body + "}";
}

pb::InvokeRequest Read(const std::string& body) {
  const auto item = BatchItemFromJson(Line(body));
  EXPECT_TRUE(item.ok()) << item.status();
  return item.ok() ? item->request() : pb::InvokeRequest();
}

std::string Problem(const std::string& line) {
  return std::string(BatchItemFromJson(line).status().message());
}

TEST(OpenAiRequestTest, ALineOfABatchFileIsAnItem) {
  const auto item = BatchItemFromJson(
      Line(R"({"model":"gpt-4.1","messages":[)"
           R"({"role":"system","content":"be kind"},)"
           R"({"role":"user","content":"Hallo"}],"temperature":0,)"
           R"("max_completion_tokens":7,"seed":5,"stop":"x","n":1,)"
           R"("stream":false,"user":null,"reasoning_effort":"low"})"));
  ASSERT_TRUE(item.ok()) << item.status();
  const pb::InvokeRequest& request = item->request();
  EXPECT_EQ(item->id(), "a");
  EXPECT_EQ(request.model(), "gpt-4.1");
  EXPECT_EQ(request.messages(0).role(), pb::Message::SYSTEM);
  EXPECT_EQ(request.messages(1).parts(0).text(), "Hallo");
  EXPECT_TRUE(request.has_temperature());
  EXPECT_EQ(request.max_tokens(), 7);
  EXPECT_EQ(request.seed(), 5);
  EXPECT_EQ(request.stop(0), "x");
  EXPECT_EQ(request.reasoning().effort(), "low");
  EXPECT_EQ(request.extra_params_json(), "");
}

TEST(OpenAiRequestTest, PartsOfAllKindsAreRead) {
  const auto request = Read(
      R"({"messages":[{"role":"user","content":[{"type":"text","text":"t"},)"
      R"({"type":"image_url","image_url":{"url":"https://x/y","detail":"low"}},)"
      R"({"type":"input_audio","input_audio":{"data":"YQ==","format":"mp3"}},)"
      R"({"type":"file","file":{"filename":"f","file_data":"data:a/b;base64,YQ=="}}]}]})");
  ASSERT_EQ(request.messages_size(), 1);
  const auto& parts = request.messages(0).parts();
  ASSERT_EQ(parts.size(), 4);
  EXPECT_EQ(parts[0].text(), "t");
  EXPECT_EQ(parts[1].image().url(), "https://x/y");
  EXPECT_EQ(parts[1].image().detail(), "low");
  EXPECT_EQ(parts[2].audio().data(), "a");
  EXPECT_EQ(parts[2].audio().mime_type(), "audio/mpeg");
  EXPECT_EQ(parts[3].document().url(), "data:a/b;base64,YQ==");
  EXPECT_EQ(parts[3].document().name(), "f");
}

TEST(OpenAiRequestTest, ToolsAndTheirCallsAreRead) {
  const auto request = Read(
      R"({"messages":[{"role":"assistant","content":null,"tool_calls":[)"
      R"({"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}],)"
      R"("annotations":[1]},{"role":"tool","tool_call_id":"c","content":"r"}],)"
      R"("tools":[{"type":"function","function":{"name":"f","strict":true,)"
      R"("parameters":{"type":"object"}}}],"parallel_tool_calls":false,)"
      R"("tool_choice":{"type":"function","function":{"name":"f"}}})");
  EXPECT_EQ(request.messages(0).tool_calls(0).arguments_json(), "{}");
  EXPECT_EQ(request.messages(0).opaque_json(), R"({"annotations":[1]})");
  EXPECT_EQ(request.messages(1).tool_call_id(), "c");
  EXPECT_EQ(request.tools(0).parameters_json(), R"({"type":"object"})");
  EXPECT_TRUE(request.tools(0).strict());
  EXPECT_EQ(request.tool_choice(), "f");
  EXPECT_FALSE(request.parallel_tool_calls());
  EXPECT_TRUE(request.has_parallel_tool_calls());
}

TEST(OpenAiRequestTest, WhatHasNoFieldIsAnExtraParameter) {
  const auto request = Read(
      R"({"messages":[],"logit_bias":{"5":1},"service_tier":"flex",)"
      R"("response_format":{"type":"json_schema","json_schema":{"name":"n",)"
      R"("schema":{"type":"object"},"strict":true}}})");
  EXPECT_EQ(request.extra_params_json(),
            R"({"logit_bias":{"5":1},"service_tier":"flex"})");
  EXPECT_EQ(request.response_format().type(), pb::ResponseFormat::JSON_SCHEMA);
  EXPECT_EQ(request.response_format().name(), "n");
  EXPECT_EQ(request.response_format().schema_json(), R"({"type":"object"})");
}

TEST(OpenAiRequestTest, OurOwnLinesMayHaveMessagesInOpenAisForm) {
  const auto item =
      BatchItemFromJson(R"({"id":7,"messages":[{"role":"user","content":"x"}],)"
                        R"("cache":{"mode":"BYPASS"},"max_tokens":3})");
  ASSERT_TRUE(item.ok()) << item.status();
  EXPECT_EQ(item->id(), "7");
  EXPECT_EQ(item->request().messages(0).parts(0).text(), "x");
  EXPECT_EQ(item->request().cache().mode(), pb::CacheControl::BYPASS);
  EXPECT_EQ(item->request().max_tokens(), 3);
}

TEST(OpenAiRequestTest, WhatCannotBeAskedIsReportedWithItsMember) {
  EXPECT_THAT(Problem(R"({"custom_id":"a","url":"/v1/embeddings","body":{}})"),
              HasSubstr("url `/v1/embeddings` cannot be asked"));
  EXPECT_THAT(Problem(R"({"custom_id":"a","method":"GET","body":{}})"),
              HasSubstr("method must be POST"));
  EXPECT_THAT(Problem(R"({"custom_id":"a"})"), HasSubstr("body must be"));
  EXPECT_THAT(Problem(Line(R"({"n":2})")), HasSubstr("n must be 1"));
  EXPECT_THAT(Problem(Line(R"({"functions":[]})")), HasSubstr("tools"));
  EXPECT_THAT(Problem(Line(R"({"temperature":"hot"})")),
              HasSubstr("temperature must be a number"));
  EXPECT_THAT(Problem(Line(R"({"messages":[{"role":"king","content":"x"}]})")),
              HasSubstr("messages[0].role must be"));
  EXPECT_THAT(
      Problem(Line(
          R"({"messages":[{"role":"user","content":[{"type":"smell"}]}]})")),
      HasSubstr("messages[0].content[0] has the unknown type `smell`"));
}

TEST(OpenAiRequestTest, AFileThatIsNotLinesIsExplained) {
  EXPECT_THAT(Problem("[{\"query\":\"x\"}]"), HasSubstr("jq -c '.[]'"));
  EXPECT_THAT(Problem("{"), HasSubstr("jq -c ."));
  EXPECT_THAT(Problem("{\"query\":\"x"), HasSubstr("the line is cut off"));
  EXPECT_THAT(Problem("Why?"), HasSubstr("--format lines"));
}

}  // namespace
}  // namespace holysheep::cli
