#include "cli/batch/result_format.h"

#include <string>

#include "cli/batch/csv_cells.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep::cli {
namespace {

using ::testing::HasSubstr;

pb::BatchResult Answer(const std::string& text) {
  pb::BatchResult result;
  result.set_id("a");
  pb::InvokeResponse& response = *result.mutable_response();
  response.set_result(text);
  response.set_model_used("gpt-4.1");
  response.set_finish_reason(pb::InvokeResponse::STOP);
  response.set_request_id("r");
  response.mutable_usage()->set_prompt_tokens(3);
  response.mutable_usage()->set_completion_tokens(4);
  response.mutable_usage()->set_total_tokens(7);
  response.mutable_cost()->set_total("0.001");
  return result;
}

TEST(ResultFormatTest, TheFormIsNamedOrThatOfTheFiles) {
  EXPECT_EQ(*ResultFormatOf("", "a.CSV", true), ResultFormat::kCsv);
  EXPECT_EQ(*ResultFormatOf("", "a.jsonl", true), ResultFormat::kOpenAi);
  EXPECT_EQ(*ResultFormatOf("", "-", false), ResultFormat::kJsonLines);
  EXPECT_EQ(*ResultFormatOf("jsonl", "a.csv", true), ResultFormat::kJsonLines);
  EXPECT_FALSE(ResultFormatOf("xml", "a", false).ok());
}

TEST(ResultFormatTest, AnAnswerIsAChatCompletionOfOpenAis) {
  pb::BatchResult result = Answer("");
  pb::ToolCall& call = *result.mutable_response()->add_tool_calls();
  call.set_id("c");
  call.set_name("f");
  call.set_arguments_json("{}");
  result.mutable_response()->set_finish_reason(pb::InvokeResponse::TOOL_CALLS);
  const std::string line = OpenAiResultLine(result, 1'700'000'000);
  EXPECT_THAT(line,
              HasSubstr(R"("custom_id":"a","response":{"status_code":200,)"
                        R"("request_id":"r","body":{"id":"chatcmpl-r",)"
                        R"("object":"chat.completion",)"
                        R"("created":1700000000,"model":"gpt-4.1")"));
  EXPECT_THAT(line, HasSubstr(R"("message":{"role":"assistant","content":null,)"
                              R"("refusal":null,"tool_calls":[{"id":"c",)"
                              R"("type":"function","function":{"name":"f",)"
                              R"("arguments":"{}"}}]},"logprobs":null,)"
                              R"("finish_reason":"tool_calls")"));
  EXPECT_THAT(line, HasSubstr(R"("total_tokens":7)"));
  EXPECT_THAT(line, HasSubstr(R"("error":null})"));
  EXPECT_EQ(line.back(), '\n');
}

TEST(ResultFormatTest, AFailureIsACodeAndAMessage) {
  pb::BatchResult result;
  result.set_id("a");
  result.mutable_error()->set_reason("UPSTREAM_5XX");
  result.mutable_error()->set_message("no \"luck\"");
  EXPECT_THAT(OpenAiResultLine(result, 0),
              HasSubstr(R"("response":null,"error":{"code":"upstream_5xx",)"
                        R"("message":"no \"luck\""}})"));
}

TEST(ResultFormatTest, ARowHasTheColumnsOfTheInputAndThoseOfTheResult) {
  const CsvColumns columns =
      *CsvColumns::Parse({"Nr", "query", "result"}, {BatchFormat::kCsv});
  const CsvResults rows(columns, ';');
  EXPECT_EQ(rows.Header(),
            "Nr;query;result;result_2;error;model_used;finish_reason;"
            "prompt_tokens;completion_tokens;cost;cached\r\n");
  EXPECT_EQ(rows.Row({}, {"1", "a, b", ""}, Answer("x;\"y\"\nz")),
            "1;a, b;;\"x;\"\"y\"\"\nz\";;gpt-4.1;STOP;3;4;0.001;false\r\n");
}

TEST(ResultFormatTest, ARowOfAnotherInputHasItsIdAndQuestion) {
  const CsvResults rows(CsvColumns(), ',');
  pb::BatchItem item;
  item.set_id("1");
  item.mutable_request()->set_query("q");
  pb::BatchResult failed;
  failed.mutable_error()->set_reason("DRAINING");
  failed.mutable_error()->set_message("no");
  EXPECT_EQ(rows.Row(item, {}, failed), "1,q,,DRAINING: no,,,,,,\r\n");
}

TEST(ResultFormatTest, ACellIsQuotedWhereItHasTo) {
  std::string text;
  AppendCsvRow({"a", " b", "c,d", "e\"f", "", "g\rh"}, ',', text);
  EXPECT_EQ(text, "a,\" b\",\"c,d\",\"e\"\"f\",,\"g\rh\"\r\n");
}

}  // namespace
}  // namespace holysheep::cli
