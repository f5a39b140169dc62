#include "upstream/openai_backend.h"

#include <string>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"
#include "openai/streams.h"
#include "upstream/attempt.h"

namespace holysheep {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using OpenAiBackendTest = AttemptTest;

TEST_F(OpenAiBackendTest, SendsTheRequestWithTheServicesKey) {
  const auto& transfer = Start();
  EXPECT_EQ(transfer.request.method, "POST");
  EXPECT_EQ(transfer.request.url,
            "https://api.example.com/v1/chat/completions");
  EXPECT_EQ(transfer.Header("authorization"),
            "Bearer hs-live-0123456789abcdefghij");
  EXPECT_EQ(transfer.Header("content-type"), "application/json");
  EXPECT_EQ(transfer.Header("accept"), "text/event-stream");
  EXPECT_THAT(transfer.Header("user-agent"), HasSubstr("holysheep-node/"));
  EXPECT_EQ(transfer.Header("x-request-id"), "r-1");
  EXPECT_THAT(transfer.request.body, HasSubstr(R"("content":"Hallo")"));
  EXPECT_EQ(transfer.request.connect_timeout, absl::Seconds(10));
}

TEST_F(OpenAiBackendTest, TheCallersOwnKeyGoesInPlaceOfTheServices) {
  caller_->upstream_key = "callers-key";
  EXPECT_EQ(Start().Header("authorization"), "Bearer callers-key");
}

TEST_F(OpenAiBackendTest, AnotherHeaderCarriesTheBareKey) {
  options_.api_key_header = "x-api-key";
  const auto& transfer = Start();
  EXPECT_EQ(transfer.Header("x-api-key"), options_.api_key);
  EXPECT_EQ(transfer.Header("authorization"), "");
}

TEST_F(OpenAiBackendTest, HeadersAndQueryOfTheOperatorGoWithTheRequest) {
  options_.headers = {{"openai-organization", "org-1"}};
  options_.query = "api-version=2024-10-21";
  const auto& transfer = Start();
  EXPECT_EQ(transfer.request.url,
            "https://api.example.com/v1/chat/completions"
            "?api-version=2024-10-21");
  EXPECT_EQ(transfer.Header("openai-organization"), "org-1");
  EXPECT_THAT(transfer.Header("user-agent"), HasSubstr("holysheep-node/"));
}

TEST_F(OpenAiBackendTest, AUserAgentOfTheOperatorTakesTheServicesPlace) {
  options_.headers = {{"user-agent", "mine"}};
  EXPECT_EQ(Start().Header("user-agent"), "mine");
}

TEST_F(OpenAiBackendTest, PassesPiecesOnAsTheyCome) {
  auto& transfer = Start();
  transfer.Headers(200, {{"x-request-id", "up-7"}});
  transfer.Body(kHello);
  EXPECT_THAT(listener_.chunks, ElementsAre("Hello"));
  EXPECT_EQ(listener_.ends, 0);
  loop_.Advance(absl::Milliseconds(40));
  transfer.Body(kStop);
  transfer.Body(kDone);
  transfer.End();
  ASSERT_TRUE(listener_.ok());
  EXPECT_EQ(listener_.ends, 1);
  const pb::InvokeResponse& response = **listener_.result;
  EXPECT_EQ(response.upstream_ms(), 40.0);
  EXPECT_EQ(response.upstream_request_id(), "up-7");
  EXPECT_EQ(response.model_used(), "deepseek-v3.2");
  EXPECT_EQ(response.finish_reason(), pb::InvokeResponse::STOP);
  EXPECT_EQ(transport_.open(), 0u);
  EXPECT_EQ(loop_.pending(), 0u);
}

TEST_F(OpenAiBackendTest, AnIdThatIsNoTextBecomesText) {
  auto& transfer = Start();
  transfer.Headers(200, {{"x-request-id", "caf\xe9"}});
  transfer.Body(kStop);
  transfer.Body(kDone);
  transfer.End();
  ASSERT_TRUE(listener_.ok());
  EXPECT_EQ((**listener_.result).upstream_request_id(), "caf?");
}

TEST_F(OpenAiBackendTest, UnderstandsAPlainReplyToAStreamRequest) {
  Start().Reply(200, kPlainReply);
  ASSERT_TRUE(listener_.ok());
  EXPECT_EQ(listener_.answer.result(), "Hi");
}

TEST_F(OpenAiBackendTest, AUnaryCallIsStreamedUnlessTheUpstreamCannot) {
  ChatRequest request = Request();
  request.unary = true;
  const auto streamed = backend_->Start(request, listener_);
  EXPECT_THAT(transport_.transfers[0].request.body,
              HasSubstr(R"("stream":true)"));
  options_.stream_unary = false;
  const auto plain = backend_->Start(request, listener_);
  EXPECT_THAT(transport_.transfers[1].request.body,
              HasSubstr(R"("stream":false)"));
  EXPECT_EQ(transport_.transfers[1].Header("accept"), "application/json");
}

TEST_F(OpenAiBackendTest, ARequestThatCannotBeSentFailsOnALaterTurn) {
  pb::Message& message = *message_->add_messages();
  message_->clear_query();
  message.set_role(pb::Message::USER);
  message.add_parts()->mutable_image()->set_url("https://x/i.png");
  listener_.call = backend_->Start(Request(), listener_);
  EXPECT_EQ(listener_.ends, 0);
  loop_.Advance();
  EXPECT_EQ(EndReason(), Reason::kInvalidArgument);
  EXPECT_EQ(DetailsOf(listener_.status()).field, "messages[0].parts[0].image");
  EXPECT_TRUE(transport_.transfers.empty());
}

TEST_F(OpenAiBackendTest, WarningsReachTheResponse) {
  message_->set_parallel_tool_calls(true);
  Start().Reply(200, kPlainReply);
  EXPECT_THAT((*listener_.result)->warnings(),
              Contains(HasSubstr("parallel_tool_calls")));
}

TEST_F(OpenAiBackendTest, ARefusalBecomesItsError) {
  auto& transfer = Start();
  transfer.Headers(429, {{"retry-after", "7"}});
  transfer.Body(R"({"error":{"message":"slow )");
  transfer.Body(R"(down"}})");
  transfer.End();
  EXPECT_EQ(EndReason(), Reason::kRateLimitedUpstream);
  EXPECT_EQ(DetailsOf(listener_.status()).retry_after, absl::Seconds(7));
  EXPECT_THAT(std::string(listener_.status().message()),
              HasSubstr("slow down"));
}

TEST_F(OpenAiBackendTest, ARefusalWhoseBodyBreaksOffIsStillThatRefusal) {
  auto& transfer = Start();
  transfer.Headers(503);
  transfer.End(MakeError(Reason::kStreamTruncated, "lost"));
  EXPECT_EQ(EndReason(), Reason::kUpstream5xx);
}

TEST_F(OpenAiBackendTest, ARefusalWithAnEndlessBodyIsBounded) {
  auto& transfer = Start();
  transfer.Headers(500);
  for (int i = 0; i < 100; ++i) transfer.Body(std::string(10'000, 'x'));
  loop_.Advance(absl::Seconds(60));
  EXPECT_EQ(EndReason(), Reason::kUpstream5xx);
  EXPECT_EQ(transport_.open(), 0u);
}

TEST_F(OpenAiBackendTest, TheKeyIsNotInTheError) {
  Start().Reply(401, "bad key " + options_.api_key);
  EXPECT_EQ(EndReason(), Reason::kUpstreamAuth);
  EXPECT_THAT(std::string(listener_.status().message()),
              Not(HasSubstr("hs-live")));
}

TEST_F(OpenAiBackendTest, ATransportErrorIsPassedOn) {
  Start().End(MakeError(Reason::kUpstreamConnect, "refused"));
  EXPECT_EQ(EndReason(), Reason::kUpstreamConnect);
}

TEST_F(OpenAiBackendTest, AMalformedAnswerStopsTheTransfer) {
  auto& transfer = Start();
  transfer.Headers(200);
  transfer.Body("data: {garbage\n\n");
  EXPECT_EQ(EndReason(), Reason::kUpstreamMalformed);
}

TEST_F(OpenAiBackendTest, AStreamThatStopsBeforeItsEndIsTruncated) {
  auto& transfer = Start();
  transfer.Headers(200);
  transfer.Body(kHello);
  transfer.End();
  EXPECT_EQ(EndReason(), Reason::kStreamTruncated);
}

TEST_F(OpenAiBackendTest, AConnectionLostAfterTheAnswerHarmsNothing) {
  auto& transfer = Start();
  transfer.Headers(200);
  transfer.Body(kHello);
  transfer.Body(kStop);
  transfer.End(MakeError(Reason::kStreamTruncated, "reset"));
  ASSERT_TRUE(listener_.ok());
  EXPECT_TRUE((*listener_.result)->usage().estimated());
}

TEST_F(OpenAiBackendTest, DroppingACallEndsItsTransferSilently) {
  Start().Headers(200);
  listener_.call.reset();
  EXPECT_EQ(transport_.open(), 0u);
  EXPECT_EQ(loop_.pending(), 0u);
  loop_.Advance(absl::Hours(1));
  EXPECT_EQ(listener_.ends, 0);
}

}  // namespace
}  // namespace holysheep
