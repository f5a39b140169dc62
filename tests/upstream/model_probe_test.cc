#include "upstream/model_probe.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/fake_event_loop.h"
#include "support/fake_transport.h"

namespace holysheep {
namespace {

using testing::HasSubstr;
using testing::Not;
using FailedHop = ProbeResult::FailedHop;

class ModelProbeTest : public testing::Test {
 protected:
  ModelProbeTest() {
    options_.base_url = "https://api.example.com/v1";
    options_.api_key = "hs-live-0123456789abcdefghij";
  }

  // Answers a request with the key, and the one without it.
  void Reply(int status, const std::string& body, int openly = 401) {
    Start().Reply(status, body);
    if (!result_.has_value()) transport_.transfers.back().Reply(openly, body);
  }

  FakeHttpTransport::Transfer& Start(absl::string_view key = "") {
    result_.reset();
    running_ = probe_.Start(key, [this](ProbeResult result) {
      result_ = std::move(result);
      running_.reset();
    });
    return transport_.transfers.back();
  }

  FakeEventLoop loop_;
  FakeHttpTransport transport_;
  OpenAiOptions options_;
  ModelProbe probe_{loop_, transport_, options_};
  std::unique_ptr<Probe> running_;
  std::optional<ProbeResult> result_;
};

TEST_F(ModelProbeTest, AsksForTheModelsWithTheServicesKey) {
  const auto& transfer = Start();
  EXPECT_EQ(transfer.request.method, "GET");
  EXPECT_EQ(transfer.request.url, "https://api.example.com/v1/models");
  EXPECT_EQ(transfer.Header("authorization"), "Bearer " + options_.api_key);
  EXPECT_EQ(transfer.request.body, "");
}

TEST_F(ModelProbeTest, AnotherKeyCanBeTried) {
  EXPECT_EQ(Start("callers-key").Header("authorization"), "Bearer callers-key");
}

TEST_F(ModelProbeTest, EveryAnswerNamesTheHopThatFails) {
  const std::pair<int, FailedHop> cases[] = {
      {200, FailedHop::kNone},     {204, FailedHop::kNone},
      {401, FailedHop::kKey},      {402, FailedHop::kKey},
      {403, FailedHop::kKey},      {410, FailedHop::kUpstream},
      {429, FailedHop::kNone},     {301, FailedHop::kUpstream},
      {500, FailedHop::kUpstream}, {503, FailedHop::kUpstream},
  };
  for (const auto& [status, hop] : cases) {
    Reply(status, "{}");
    ASSERT_TRUE(result_.has_value());
    EXPECT_EQ(result_->failed_hop, hop) << status;
    EXPECT_EQ(result_->message.empty(), hop == FailedHop::kNone);
    EXPECT_EQ(transport_.open(), 0u);
    EXPECT_EQ(loop_.pending(), 0u);
  }
}

TEST_F(ModelProbeTest, APageIsNoListOfModels) {
  Start().Reply(200, "\n<!doctype html><title>Welcome</title>");
  EXPECT_EQ(result_->failed_hop, FailedHop::kUpstream);
  EXPECT_THAT(result_->message, HasSubstr("upstream.base_url"));
}

TEST_F(ModelProbeTest, AnUpstreamOutOfReachIsNamed) {
  Start().End(MakeError(Reason::kUpstreamConnect, "connection refused"));
  EXPECT_EQ(result_->failed_hop, FailedHop::kUpstream);
  EXPECT_THAT(result_->message, HasSubstr("connection refused"));
}

TEST_F(ModelProbeTest, ADeadConnectionIsReplacedOnce) {
  ErrorDetails details;
  details.unanswered = true;
  Start().End(MakeError(Reason::kUpstreamConnect, "died", details));
  EXPECT_FALSE(result_.has_value());
  ASSERT_EQ(transport_.transfers.size(), 2u);
  EXPECT_TRUE(transport_.transfers[1].request.fresh_connection);
  EXPECT_EQ(transport_.transfers[1].request.url,
            transport_.transfers[0].request.url);
  transport_.transfers[1].Reply(200, "{}");
  transport_.transfers[2].Reply(401, "{}");
  EXPECT_EQ(result_->failed_hop, FailedHop::kNone);
}

TEST_F(ModelProbeTest, ModelsThatEverybodySeesSayNothingOfTheKey) {
  Reply(200, "{}", 200);
  EXPECT_EQ(transport_.transfers.back().Header("authorization"), "");
  EXPECT_EQ(result_->failed_hop, FailedHop::kNone);
  EXPECT_THAT(result_->message, HasSubstr("could not be checked without cost"));
}

TEST_F(ModelProbeTest, WithoutAListOfModelsTheKeyCannotBeChecked) {
  for (const int status : {404, 405}) {
    Start().Reply(status, R"({"error":{"message":"Not found"}})");
    EXPECT_EQ(result_->failed_hop, FailedHop::kNone);
    EXPECT_THAT(result_->message,
                HasSubstr("could not be checked without cost"));
    EXPECT_THAT(result_->message, HasSubstr("upstream.base_url"));
  }
}

TEST_F(ModelProbeTest, AKeyThatWasAcceptedIsNotDoubtedLater) {
  Start().Reply(200, "{}");
  loop_.Advance(absl::Seconds(15));
  ASSERT_TRUE(result_.has_value());
  EXPECT_EQ(result_->failed_hop, FailedHop::kNone);
  EXPECT_EQ(result_->message, "");
}

TEST_F(ModelProbeTest, TheKeyIsNotInTheMessage) {
  Start().Reply(401, "bad " + options_.api_key);
  EXPECT_THAT(result_->message, Not(HasSubstr("hs-live")));
  Start("callers-own-key-98765432").Reply(500, "IT WAS " + options_.api_key);
  EXPECT_THAT(result_->message, HasSubstr("IT WAS [key]"));
}

TEST_F(ModelProbeTest, TheReasonHasNoneOfTheUpstreamsWords) {
  Start().Reply(503, "account 4711 is closed");
  EXPECT_THAT(result_->message, HasSubstr("4711"));
  EXPECT_EQ(result_->reason, "UPSTREAM_5XX");
  Reply(200, "{}");
  EXPECT_EQ(result_->reason, "");
}

TEST_F(ModelProbeTest, ASilentUpstreamIsGivenUp) {
  Start();
  loop_.Advance(absl::Seconds(15));
  EXPECT_EQ(result_->failed_hop, FailedHop::kUpstream);
  EXPECT_EQ(transport_.open(), 0u);
}

TEST_F(ModelProbeTest, AnEndlessListIsNotKept) {
  auto& transfer = Start();
  transfer.Headers(200);
  for (int i = 0; i < 100; ++i) transfer.Body(std::string(10'000, 'x'));
  transfer.End();
  transport_.transfers.back().Reply(403, "{}");
  EXPECT_EQ(result_->failed_hop, FailedHop::kNone);
}

TEST_F(ModelProbeTest, DroppingAProbeEndsItSilently) {
  Start();
  running_.reset();
  loop_.Advance(absl::Hours(1));
  EXPECT_FALSE(result_.has_value());
  EXPECT_EQ(transport_.open(), 0u);
}

}  // namespace
}  // namespace holysheep
