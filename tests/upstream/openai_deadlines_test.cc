#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "chat/attempt_stats.h"
#include "chat/patience.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"
#include "openai/streams.h"
#include "upstream/attempt.h"

namespace holysheep {
namespace {

using OpenAiDeadlinesTest = AttemptTest;

TEST_F(OpenAiDeadlinesTest, AnAnswerThatIsNotStreamedMayTakeItsTime) {
  options_.stream_unary = false;
  ChatRequest request = Request();
  request.unary = true;
  listener_.call = backend_->Start(request, listener_);
  loop_.Advance(absl::Hours(1));
  EXPECT_EQ(listener_.ends, 0);
  transport_.transfers[0].Reply(200, kPlainReply);
  EXPECT_TRUE(listener_.ok());
}

TEST_F(OpenAiDeadlinesTest, HeartbeatsAndRolesAreNoFirstToken) {
  auto& transfer = Start();
  transfer.Headers(200);
  for (int i = 0; i < 11; ++i) {
    loop_.Advance(absl::Seconds(5));
    transfer.Body(i % 2 == 0 ? ": ping\n\n" : kRole);
  }
  EXPECT_EQ(listener_.ends, 0);
  loop_.Advance(absl::Seconds(5));
  EXPECT_EQ(EndReason(), Reason::kFirstTokenTimeout);
  EXPECT_EQ(transport_.open(), 0u);
}

TEST_F(OpenAiDeadlinesTest, HeartbeatsAreNoProgress) {
  auto& transfer = Start();
  transfer.Headers(200);
  transfer.Body(kHello);
  loop_.Advance(absl::Seconds(19));
  transfer.Body(": ping\n\n");
  loop_.Advance(absl::Seconds(1));
  EXPECT_EQ(EndReason(), Reason::kIdleTimeout);
  EXPECT_EQ(transport_.open(), 0u);
}

TEST_F(OpenAiDeadlinesTest, EachPieceRestartsTheIdleDeadline) {
  auto& transfer = Start();
  transfer.Headers(200);
  for (int i = 0; i < 50; ++i) {
    transfer.Body(kHello);
    EXPECT_EQ(loop_.pending(), 1u);
    loop_.Advance(absl::Seconds(19));
  }
  EXPECT_EQ(listener_.ends, 0);
  loop_.Advance(absl::Seconds(1));
  EXPECT_EQ(EndReason(), Reason::kIdleTimeout);
}

TEST_F(OpenAiDeadlinesTest, WhatIsNotPassedOnIsProgressToo) {
  auto& transfer = Start();
  transfer.Headers(200);
  for (const absl::string_view delta :
       {R"({"images":["u"]})", R"({"images":["v"]})",
        R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"no"}}]})",
        R"({"tool_calls":[{"index":0,"function":{"name":"w"}}]})"}) {
    transfer.Body(
        absl::StrCat("data: {\"choices\":[{\"delta\":", delta, "}]}\n\n"));
    loop_.Advance(absl::Seconds(19));
  }
  EXPECT_EQ(listener_.ends, 0);
  loop_.Advance(absl::Seconds(1));
  EXPECT_EQ(EndReason(), Reason::kIdleTimeout);
}

TEST_F(OpenAiDeadlinesTest, ARequestMayShortenTheDeadlinesButNotLengthenThem) {
  message_->mutable_timeouts()->set_first_token_ms(1000);
  message_->mutable_timeouts()->set_idle_ms(3'600'000);
  auto& transfer = Start();
  transfer.Headers(200);
  loop_.Advance(absl::Milliseconds(999));
  transfer.Body(kHello);
  loop_.Advance(absl::Seconds(20));
  EXPECT_EQ(EndReason(), Reason::kIdleTimeout);

  Start();
  loop_.Advance(absl::Milliseconds(1000));
  EXPECT_EQ(EndReason(), Reason::kFirstTokenTimeout);
}

TEST_F(OpenAiDeadlinesTest, PatienceThatRisesProlongsWhatRuns) {
  const auto patience = std::make_shared<Patience>();
  patience->first_token = absl::Seconds(1);
  patience->idle = absl::Seconds(1);
  ChatRequest request = Request();
  request.patience = patience;
  listener_.call = backend_->Start(request, listener_);
  FakeHttpTransport::Transfer& transfer = transport_.transfers.back();
  loop_.Advance(absl::Milliseconds(500));
  patience->first_token = absl::Seconds(5);
  loop_.Advance(absl::Milliseconds(4400));
  EXPECT_EQ(listener_.ends, 0);
  transfer.observer->OnHeaders(200, {});
  ASSERT_TRUE(transfer.observer->OnBody(kHello).ok());
  patience->idle = absl::Seconds(100);
  loop_.Advance(absl::Seconds(19));
  EXPECT_EQ(listener_.ends, 0);
  loop_.Advance(absl::Seconds(1));
  ASSERT_EQ(listener_.ends, 1) << "not beyond what is configured";
  EXPECT_EQ(EndReason(), Reason::kIdleTimeout);
  EXPECT_FALSE(DetailsOf(listener_.status()).callers_bound);
}

TEST_F(OpenAiDeadlinesTest, TheStatisticsSayWhenAnAttemptWaitsForItsAnswer) {
  ChatRequest request = Request();
  request.attempt_stats = std::make_shared<AttemptStats>();
  const AttemptStats& stats = *request.attempt_stats;
  listener_.call = backend_->Start(request, listener_);
  EXPECT_EQ(stats.asked, loop_.Now());
  FakeHttpTransport::Transfer& transfer = transport_.transfers.back();
  transfer.observer->OnHeaders(200, {});
  ASSERT_TRUE(transfer.observer->OnBody(kRole).ok());
  EXPECT_EQ(stats.asked, loop_.Now());
  ASSERT_TRUE(transfer.observer->OnBody(kHello).ok());
  EXPECT_EQ(stats.asked, absl::InfiniteFuture());
}

TEST_F(OpenAiDeadlinesTest, AnAnswerThatIsOverDoesNotWaitForTheConnection) {
  auto& transfer = Start();
  transfer.Headers(200);
  transfer.Body(kHello);
  transfer.Body(kStop);
  transfer.Body(kDone);
  loop_.Advance(absl::Milliseconds(250));
  EXPECT_TRUE(listener_.ok());
  EXPECT_EQ(transport_.open(), 0u);
}

TEST_F(OpenAiDeadlinesTest, AFinishedAnswerWaitsForItsUsageButNotForLong) {
  auto& transfer = Start();
  transfer.Headers(200);
  transfer.Body(kHello);
  transfer.Body(kStop);
  loop_.Advance(absl::Seconds(3));
  transfer.Body(": ping\n\n");
  EXPECT_EQ(listener_.ends, 0);
  loop_.Advance(absl::Seconds(2));
  EXPECT_TRUE(listener_.ok());
}

TEST_F(OpenAiDeadlinesTest, ContentAfterAFinishReasonStartsTheWaitAnew) {
  auto& transfer = Start();
  transfer.Headers(200);
  for (int i = 0; i < 9; ++i) {
    transfer.Body(kHelloAndStop);
    EXPECT_EQ(listener_.ends, 0);
    loop_.Advance(absl::Seconds(4));
  }
  transfer.Body(kDone);
  transfer.End();
  ASSERT_TRUE(listener_.ok());
  EXPECT_EQ(listener_.chunks.size(), 9u);
  EXPECT_EQ((*listener_.result)->finish_reason(), pb::InvokeResponse::STOP);
}

TEST_F(OpenAiDeadlinesTest, AnAnswerThatWentOnIsNotWholeBySilence) {
  for (const bool breaks : {false, true}) {
    auto& transfer = Start();
    transfer.Headers(200);
    transfer.Body(kHelloAndStop);
    transfer.Body(kHelloAndStop);
    if (breaks) {
      transfer.End(MakeError(Reason::kStreamTruncated, "lost"));
    } else {
      loop_.Advance(absl::Seconds(5));
    }
    EXPECT_EQ(EndReason(), Reason::kStreamTruncated);
  }
}

TEST_F(OpenAiDeadlinesTest, TheIdleDeadlineBoundsAnAnswerThatGoesOn) {
  message_->mutable_timeouts()->set_idle_ms(1000);
  auto& transfer = Start();
  transfer.Headers(200);
  transfer.Body(kHelloAndStop);
  transfer.Body(kHelloAndStop);
  loop_.Advance(absl::Seconds(1));
  EXPECT_EQ(EndReason(), Reason::kIdleTimeout);
}

TEST_F(OpenAiDeadlinesTest, AnImpatientCallerMakesNoAnswerWhole) {
  message_->mutable_timeouts()->set_idle_ms(1000);
  auto& transfer = Start();
  transfer.Headers(200);
  transfer.Body(kHelloAndStop);
  loop_.Advance(absl::Seconds(4));
  EXPECT_EQ(listener_.ends, 0);
  loop_.Advance(absl::Seconds(1));
  EXPECT_TRUE(listener_.ok());
}

TEST_F(OpenAiDeadlinesTest, AFinishReasonBeforeTheTextWaitsForTheText) {
  auto& transfer = Start();
  transfer.Headers(200);
  transfer.Body(kStop);
  loop_.Advance(absl::Seconds(59));
  transfer.Body(kHello);
  loop_.Advance(absl::Seconds(19));
  transfer.Body(kHello);
  transfer.Body(kStop);
  transfer.End();
  ASSERT_TRUE(listener_.ok());
  EXPECT_EQ(listener_.answer.result(), "HelloHello");
}

TEST_F(OpenAiDeadlinesTest, AFinishReasonAndThenNothingIsAnEmptyAnswer) {
  auto& transfer = Start();
  transfer.Headers(200);
  transfer.Body(kStop);
  loop_.Advance(absl::Seconds(60));
  ASSERT_TRUE(listener_.ok());
  EXPECT_EQ((*listener_.result)->warnings_size(), 1);
}

}  // namespace
}  // namespace holysheep
