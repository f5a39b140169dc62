#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "chat/empty_answer.h"
#include "gmock/gmock.h"
#include "layers/schema_layer_fixture.h"

namespace holysheep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(ConformTest, HoldsTheTextBackUntilItIsChecked) {
  Start();
  fake_->calls[0].Say(R"({"a")");
  EXPECT_THAT(listener_.chunks, IsEmpty());
  Answer(":1}");
  ASSERT_TRUE(listener_.ok());
  EXPECT_THAT(listener_.chunks, ElementsAre(R"({"a":1})"));
  EXPECT_EQ(fake_->calls.size(), 1u);
  EXPECT_EQ(fake_->open(), 0u);
}

TEST_F(ConformTest, TakesAFenceOffTheAnswer) {
  Start();
  Answer("\n```json\n{\"a\":1}\n```\n");
  EXPECT_THAT(listener_.chunks, ElementsAre(R"({"a":1})"));
}

TEST_F(ConformTest, PassesReasoningOnAtOnce) {
  Start();
  pb::InvokeEvent reasoning;
  reasoning.set_reasoning("hm");
  fake_->calls[0].observer->OnDelta(reasoning);
  EXPECT_EQ(listener_.answer.reasoning(), "hm");
}

TEST_F(ConformTest, AsksOnceMoreWithTheComplaint) {
  Start();
  Answer("{}");
  EXPECT_EQ(listener_.ends, 0);
  ASSERT_EQ(fake_->calls.size(), 2u);
  EXPECT_EQ(fake_->open(), 1u);
  const pb::InvokeRequest& repair = *fake_->calls[1].request.message;
  EXPECT_EQ(repair.query(), "");
  EXPECT_EQ(repair.system_prompt(), "");
  ASSERT_EQ(repair.messages_size(), 4);
  EXPECT_EQ(repair.messages(0).role(), pb::Message::SYSTEM);
  EXPECT_EQ(repair.messages(1).parts(0).text(), "q");
  EXPECT_EQ(repair.messages(2).role(), pb::Message::ASSISTANT);
  EXPECT_EQ(repair.messages(2).parts(0).text(), "{}");
  EXPECT_THAT(repair.messages(3).parts(0).text(),
              HasSubstr("lacks the member `a`"));
  EXPECT_EQ(repair.response_format().type(), pb::ResponseFormat::JSON_SCHEMA);
}

TEST_F(ConformTest, CountsBothAnswersAndSaysSo) {
  Start();
  Answer("{}");
  Answer(R"({"a":2})");
  ASSERT_TRUE(listener_.ok());
  EXPECT_THAT(listener_.chunks, ElementsAre(R"({"a":2})"));
  const pb::InvokeResponse& response = **listener_.result;
  EXPECT_EQ(response.usage().prompt_tokens(), 20);
  EXPECT_EQ(response.usage().total_tokens(), 30);
  EXPECT_EQ(response.tokens_used(), 30);
  EXPECT_EQ(response.cost().total(), "1");
  EXPECT_EQ(response.attempts(), 2);
  EXPECT_THAT(response.warnings(), ElementsAre(HasSubstr("a second time")));
}

TEST_F(ConformTest, ASecondFailureIsAnError) {
  Start();
  Answer("{}");
  Answer("sorry");
  EXPECT_EQ(ReasonOf(listener_.status()), Reason::kUpstreamMalformed);
  EXPECT_EQ(fake_->calls.size(), 2u);
  EXPECT_THAT(listener_.chunks, IsEmpty());
}

TEST_F(ConformTest, AnAnswerThatIsCutIsPassedOnAsItIs) {
  for (const auto reason :
       {pb::InvokeResponse::LENGTH, pb::InvokeResponse::CONTENT_FILTER,
        pb::InvokeResponse::TOOL_CALLS}) {
    listener_ = Listener();
    Start();
    fake_->calls.back().Say("{\"a");
    fake_->calls.back().End(Ended(reason));
    ASSERT_TRUE(listener_.ok());
    EXPECT_EQ(listener_.answer.result(), "{\"a");
  }
}

TEST_F(ConformTest, ARefusalIsPassedOnAsItIs) {
  Start();
  pb::InvokeEvent refusal;
  refusal.set_refusal("no");
  fake_->calls[0].observer->OnDelta(refusal);
  Answer("");
  EXPECT_TRUE(listener_.ok());
  EXPECT_EQ(listener_.answer.refusal(), "no");
}

TEST_F(ConformTest, AnErrorIsPassedOn) {
  Start();
  fake_->calls[0].Say("{");
  fake_->calls[0].End(MakeError(Reason::kUpstream5xx, "x"));
  EXPECT_EQ(ReasonOf(listener_.status()), Reason::kUpstream5xx);
  EXPECT_THAT(listener_.chunks, IsEmpty());
}

TEST_F(ConformTest, WhatWasSaidAroundTheJsonIsLeftOut) {
  Start();
  Answer("<think>{\"a\":0}?</think>Here it is:\n{\"a\":1}\nHave fun!");
  EXPECT_EQ(fake_->calls.size(), 1u);
  EXPECT_THAT(listener_.chunks, ElementsAre(R"({"a":1})"));
}

TEST_F(ConformTest, SeveralValuesThatFitAreAskedForOnceMore) {
  Start();
  Answer(R"({"a":1} or {"a":2})");
  ASSERT_EQ(fake_->calls.size(), 2u);
  EXPECT_THAT(fake_->calls[1].request.message->messages(3).parts(0).text(),
              HasSubstr("several JSON values"));
  Answer(R"({"a":2})");
  EXPECT_THAT(listener_.chunks, ElementsAre(R"({"a":2})"));
}

TEST_F(ConformTest, AModelThatPromisesToConformIsCheckedToo) {
  for (const char* model : {"gpt-4.1", "unknown-model"}) {
    listener_ = Listener();
    Start(model);
    Answer(R"({"b":1})");
    EXPECT_THAT(listener_.chunks, IsEmpty());
    EXPECT_EQ(fake_->open(), 1u);
    Answer(R"({"a":1})");
    EXPECT_THAT(listener_.chunks, ElementsAre(R"({"a":1})"));
    listener_ = Listener();
    Start(model);
    Answer("{}");
    Answer("{}");
    EXPECT_EQ(ReasonOf(listener_.status()), Reason::kUpstreamMalformed);
  }
}

TEST_F(ConformTest, TextBesideAToolCallIsPassedOnInItsPlace) {
  Start();
  fake_->calls[0].Say("Let me look. ");
  EXPECT_THAT(listener_.chunks, IsEmpty());
  pb::InvokeEvent call;
  call.mutable_tool_call()->set_name("look");
  fake_->calls[0].observer->OnDelta(call);
  EXPECT_THAT(listener_.chunks, ElementsAre("Let me look. ", ""));
  fake_->calls[0].Say("So.");
  EXPECT_EQ(listener_.answer.result(), "Let me look. So.");
  fake_->calls[0].End(Ended(pb::InvokeResponse::TOOL_CALLS));
  EXPECT_TRUE(listener_.ok());
  EXPECT_EQ(listener_.answer.result(), "Let me look. So.");
}

TEST_F(ConformTest, AnAnswerThatSaysNothingIsNotRepaired) {
  Start();
  holysheep::Answer empty = Ended(pb::InvokeResponse::STOP);
  MarkEmpty(empty.response);
  fake_->calls[0].End(empty);
  ASSERT_TRUE(listener_.ok());
  EXPECT_THAT(listener_.chunks, IsEmpty());
  listener_ = Listener();
  Start();
  Answer("{}");
  fake_->calls.back().End(empty);
  EXPECT_EQ(ReasonOf(listener_.status()), Reason::kUpstreamMalformed);
}

TEST_F(ConformTest, OtherRequestsPassThrough) {
  message_->clear_response_format();
  Start();
  message_->mutable_response_format()->set_type(
      pb::ResponseFormat::JSON_OBJECT);
  Start();
  for (FakeBackend::Call& call : fake_->calls) {
    EXPECT_EQ(call.observer, &listener_);
  }
}

TEST_F(ConformTest, ASchemaThatCannotBeUsedFailsOnALaterTurn) {
  message_->mutable_response_format()->set_schema_json(
      R"({"$ref":"http://x"})");
  Start();
  EXPECT_EQ(listener_.ends, 0);
  loop_.Advance();
  EXPECT_EQ(DetailsOf(listener_.status()).field, "response_format.schema_json");
}

// Each level is looked at twice by the one above, if that far it comes.
std::string EndlessSchema() {
  std::string schema = R"({"$ref":"#/a0","a40":{})";
  for (int i = 0; i < 40; ++i) {
    const std::string next = absl::StrCat("{\"$ref\":\"#/a", i + 1, "\"}");
    absl::StrAppend(&schema, ",\"a", i, "\":{\"allOf\":[", next, ",", next,
                    "]}");
  }
  return schema + "}";
}

TEST_F(ConformTest, WhatTakesLongIsCheckedBesideTheLoop) {
  message_->mutable_response_format()->set_schema_json(EndlessSchema());
  Start();
  Answer("1");
  EXPECT_EQ(worker_.waiting(), 1u);
  worker_.Work();
  EXPECT_EQ(fake_->calls.size(), 1u);
  loop_.Advance();
  ASSERT_EQ(fake_->calls.size(), 2u);
  EXPECT_EQ(fake_->calls[1].request.message->messages_size(), 4);
  Answer("1");
  worker_.Work();
  loop_.Advance();
  EXPECT_EQ(ReasonOf(listener_.status()), Reason::kUpstreamMalformed);
}

TEST_F(ConformTest, ALongAnswerIsCheckedBesideTheLoop) {
  Start();
  const std::string answer =
      absl::StrCat("{\"a\":\"", std::string(50'000, 'x'), "\"}");
  Answer(answer);
  EXPECT_THAT(listener_.chunks, IsEmpty());
  worker_.Work();
  loop_.Advance();
  EXPECT_THAT(listener_.chunks, ElementsAre(answer));
}

TEST_F(ConformTest, ALargeSchemaIsCompiledBesideTheLoop) {
  message_->mutable_response_format()->set_schema_json(absl::StrCat(
      "{\"required\":[\"a\"],\"x\":\"", std::string(5000, 'x'), "\"}"));
  Start();
  EXPECT_EQ(fake_->calls.size(), 0u);
  worker_.Work();
  loop_.Advance();
  Answer(R"({"a":1})");
  EXPECT_TRUE(listener_.ok());
  message_->mutable_response_format()->set_schema_json(
      absl::StrCat("{\"$ref\":\"http://", std::string(5000, 'x'), "\"}"));
  listener_ = Listener();
  Start();
  worker_.Work();
  loop_.Advance();
  EXPECT_EQ(DetailsOf(listener_.status()).field, "response_format.schema_json");
}

TEST_F(ConformTest, ACallThatLeavesDuringTheCheckHearsNothing) {
  Start();
  Answer(std::string(50'000, 'x'));
  worker_.Work();
  listener_.call.reset();
  loop_.Advance();
  EXPECT_EQ(listener_.ends, 0);
  EXPECT_EQ(fake_->calls.size(), 1u);
}

TEST_F(ConformTest, DroppingTheCallDropsTheChild) {
  Start();
  Answer("{}");
  listener_.call.reset();
  EXPECT_EQ(fake_->open(), 0u);
  EXPECT_EQ(listener_.ends, 0);
}

}  // namespace
}  // namespace holysheep
