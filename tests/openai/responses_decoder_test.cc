#include "openai/reading/responses_decoder.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "openai/reading.h"

// Answers of the Responses API on /chat/completions.
namespace holysheep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Response = pb::InvokeResponse;

// An event whose name and type are the same, as OpenAI sends it.
std::string Event(absl::string_view type, absl::string_view members) {
  return absl::StrCat("event: ", type, "\ndata: {\"type\":\"", type, "\"",
                      members.empty() ? "" : ",", members, "}\n\n");
}

constexpr char kFunction[] =
    R"({"type":"function_call","id":"fc_1","call_id":"call_9","name":"now",)";

std::string Completed(absl::string_view output) {
  return Event(
      "response.completed",
      absl::StrCat(
          R"("response":{"id":"resp_1","object":"response","model":"gpt-5",)",
          R"("status":"completed","error":null,"output":[)", output,
          R"(],"usage":{"input_tokens":7,"output_tokens":5,)",
          R"("total_tokens":12}})"));
}

std::string Message(absl::string_view text) {
  return absl::StrCat(R"({"type":"message","id":"msg_1","content":[)",
                      R"({"type":"output_text","text":")", text,
                      R"(","annotations":[]}]})");
}

std::string Spoken() {
  return absl::StrCat(
      Event("response.created",
            R"("response":{"id":"resp_1","model":"gpt-5","usage":null})"),
      Event("response.in_progress", R"("response":{"id":"resp_1"})"),
      Event("response.output_item.added",
            R"("output_index":0,"item":{"type":"reasoning","id":"rs_1"})"),
      Event("response.reasoning_summary_part.added", R"("summary_index":0)"),
      Event("response.reasoning_summary_text.delta", R"("delta":"Hm")"),
      Event("response.reasoning_summary_text.done", R"("text":"Hm")"),
      Event("response.reasoning_summary_part.added", R"("summary_index":1)"),
      Event("response.reasoning_summary_text.delta", R"("delta":"So")"),
      Event("response.output_item.done",
            R"("output_index":0,"item":{"type":"reasoning","id":"rs_1",)"
            R"("summary":[{"text":"Hm"},{"text":"So"}]})"),
      Event("response.output_text.delta", R"("output_index":1,"delta":"Good")"),
      Event("response.output_text.delta", R"("output_index":1,"delta":" day")"),
      Event("response.output_text.done", R"("text":"Good day")"),
      Event("response.content_part.done", R"("part":{"text":"Good day"})"),
      Event("response.output_item.done",
            absl::StrCat(R"("output_index":1,"item":)", Message("Good day"))));
}

TEST(ResponsesDecoderTest, AStreamSaysEachTextOnce) {
  const std::string body =
      Spoken() +
      Completed(absl::StrCat(R"({"type":"reasoning","summary":[{"text":"Hm"},)",
                             R"({"text":"So"}]},)", Message("Good day")));
  for (const std::string& each :
       // By the name, by the type, or by both.
       {body, absl::StrReplaceAll(body, {{"event: ", "id: "}}),
        absl::StrReplaceAll(body, {{"\"type\":\"response", "\"t\":\"r"}})}) {
    const Reading reading = ReadOne(each);
    ASSERT_TRUE(reading.status.ok()) << reading.status;
    EXPECT_EQ(reading.deltas,
              "reasoning Hm\nreasoning \n\n\nreasoning So\n"
              "text Good\ntext  day\n");
    EXPECT_EQ(reading.response.finish_reason(), Response::STOP);
    EXPECT_EQ(reading.response.model_used(), "gpt-5");
    EXPECT_EQ(reading.response.upstream_request_id(), "resp_1");
    EXPECT_EQ(reading.response.usage().prompt_tokens(), 7);
    EXPECT_EQ(reading.response.usage().completion_tokens(), 5);
    EXPECT_FALSE(reading.response.usage().estimated());
    EXPECT_THAT(reading.response.warnings(), IsEmpty());
    EXPECT_EQ(reading.response.opaque_json(), "");
  }
}

TEST(ResponsesDecoderTest, WhatOnlyTheEndSaysIsSaid) {
  EXPECT_EQ(ReadOne(Completed(Message("all of it"))).deltas,
            "text all of it\n");
  const std::string begun =
      Event("response.output_text.delta", R"("delta":"all ")");
  EXPECT_EQ(ReadOne(begun + Completed(Message("all of it"))).deltas,
            "text all \ntext of it\n");
  EXPECT_EQ(ReadOne(begun +
                    Event("response.output_text.done", R"("text":"all done")") +
                    Completed(""))
                .deltas,
            "text all \ntext done\n");
}

TEST(ResponsesDecoderTest, CallsComeInFragmentsOrWhole) {
  const std::string item =
      absl::StrCat(kFunction, R"("arguments":"{\"a\":1}"})");
  const std::string added =
      Event("response.output_item.added",
            absl::StrCat(R"("output_index":0,"item":)", kFunction,
                         R"("arguments":""})"));
  const std::string fragments =
      Event("response.function_call_arguments.delta",
            R"("output_index":0,"item_id":"fc_1","delta":"{\"a\":")") +
      Event("response.function_call_arguments.delta",
            R"("output_index":0,"item_id":"fc_1","delta":"1}")") +
      Event("response.function_call_arguments.done",
            R"("output_index":0,"item_id":"fc_1","arguments":"{\"a\":1}")");
  const std::string done = Event("response.function_call_arguments.done",
                                 R"("item_id":"fc_1","arguments":"{\"a\":1}")");
  const std::string item_done =
      Event("response.output_item.done",
            absl::StrCat(R"("output_index":0,"item":)", item));
  for (const std::string& body :
       {added + fragments + item_done + Completed(item),
        added + fragments + Completed(""), added + done + Completed(item),
        added + Completed(item), item_done + Completed(""), Completed(item)}) {
    const Reading reading = ReadOne(body);
    ASSERT_TRUE(reading.status.ok()) << reading.status;
    std::string joined = reading.deltas;
    EXPECT_THAT(joined, testing::StartsWith("call 0 call_9 now {\"a\":"))
        << body;
    EXPECT_THAT(joined, testing::EndsWith("1}\n")) << body;
    EXPECT_EQ(reading.response.finish_reason(), Response::TOOL_CALLS);
    EXPECT_THAT(reading.response.warnings(), IsEmpty());
  }
}

TEST(ResponsesDecoderTest, ARefusalIsOne) {
  EXPECT_EQ(ReadOne(Event("response.refusal.delta", R"("delta":"No")") +
                    Event("response.refusal.done", R"("refusal":"No.")") +
                    Completed(""))
                .deltas,
            "refusal No\nrefusal .\n");
}

TEST(ResponsesDecoderTest, AnIncompleteResponseSaysWhy) {
  const std::string text =
      Event("response.output_text.delta", R"("delta":"x")");
  const auto end = [&text](absl::string_view reason) {
    return ReadOne(text +
                   Event("response.incomplete",
                         absl::StrCat(R"("response":{"status":"incomplete",)",
                                      R"("incomplete_details":{"reason":")",
                                      reason, R"("},"output":[]})")));
  };
  EXPECT_EQ(end("max_output_tokens").response.finish_reason(),
            Response::LENGTH);
  EXPECT_EQ(end("content_filter").response.finish_reason(),
            Response::CONTENT_FILTER);
  const Reading other = end("boredom");
  EXPECT_EQ(other.response.finish_reason(), Response::OTHER);
  EXPECT_THAT(other.response.warnings(), ElementsAre(HasSubstr("boredom")));
}

TEST(ResponsesDecoderTest, AFailureIsAnError) {
  const std::string failed =
      Event("response.failed",
            R"("response":{"status":"failed","error":{"code":"server_error",)"
            R"("message":"it broke"}})");
  const std::string text =
      Event("response.output_text.delta", R"("delta":"x")");
  const Reading first = ReadOne(failed);
  EXPECT_EQ(ReasonOf(first.status), Reason::kUpstream5xx);
  EXPECT_THAT(std::string(first.status.message()), HasSubstr("it broke"));
  const Reading later = ReadOne(text + failed);
  EXPECT_EQ(ReasonOf(later.status), Reason::kStreamTruncated);
  EXPECT_THAT(std::string(later.status.message()), HasSubstr("it broke"));
  for (const std::string& body :
       {Event("error", R"("code":"x","message":"it broke")"),
        std::string("data: {\"type\":\"error\",\"message\":\"it broke\"}\n\n"),
        std::string(R"({"object":"response","status":"failed","output":[],)"
                    R"("error":{"message":"it broke"}})")}) {
    EXPECT_THAT(std::string(ReadOne(body).status.message()),
                HasSubstr("it broke"))
        << body;
  }
}

TEST(ResponsesDecoderTest, WithoutItsEndAResponseIsNotWhole) {
  EXPECT_EQ(ReasonOf(ReadOne(Spoken()).status), Reason::kStreamTruncated);
  EXPECT_EQ(
      ReasonOf(ReadOne(Event("response.created", R"("response":{"id":"r"})"))
                   .status),
      Reason::kUpstreamMalformed);
}

TEST(ResponsesDecoderTest, UnknownEventsArePassedOver) {
  const Reading reading = ReadOne(
      Event("response.web_search_call.searching", R"("output_index":0)") +
      Event("response.something", R"("response":{"status":"completed"})") +
      Spoken() + Completed(""));
  ASSERT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_THAT(reading.deltas, testing::EndsWith("text Good\ntext  day\n"));
}

TEST(ResponsesDecoderTest, AWholeResponseIsRead) {
  const Reading reading = ReadOne(absl::StrCat(
      R"({"id":"resp_2","object":"response","model":"gpt-5","error":null,)",
      R"("status":"completed","output":[{"type":"reasoning","summary":[)",
      R"({"type":"summary_text","text":"Hm"}]},)", Message("Good day"), ",",
      kFunction, R"("arguments":"{}"}],"usage":{"input_tokens":3,)",
      R"("output_tokens":2,"total_tokens":5}})"));
  ASSERT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_EQ(reading.deltas,
            "reasoning Hm\ntext Good day\ncall 0 call_9 now {}\n");
  EXPECT_EQ(reading.response.finish_reason(), Response::TOOL_CALLS);
  EXPECT_EQ(reading.response.upstream_request_id(), "resp_2");
  EXPECT_EQ(reading.response.usage().total_tokens(), 5);
}

TEST(ResponsesDecoderTest, OtherItemsAreKeptForTheCaller) {
  const std::string picture =
      R"({"type":"image_generation_call","id":"ig","result":"AAAA"})";
  for (const std::string& body :
       {Completed(picture),
        Event("response.output_item.done", "\"item\":" + picture) +
            Completed(picture)}) {
    const Reading reading = ReadOne(body);
    ASSERT_TRUE(reading.status.ok()) << reading.status;
    EXPECT_EQ(reading.response.opaque_json(),
              absl::StrCat(R"({"output":[)", picture,
                           R"(],"for_caller_only":["output"]})"));
    EXPECT_THAT(reading.response.warnings(), IsEmpty());
  }
}

}  // namespace
}  // namespace holysheep
