#include "layers/learning_layer.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "layers/chain_rig.h"
#include "support/fake_backend.h"
#include "support/listener.h"
#include "support/requests.h"

namespace holysheep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using R = WireRefusal;

absl::Status Refusal(R refusal) {
  ErrorDetails details;
  details.http_status = 400;
  details.refused = std::string(WireRefusalName(refusal));
  return MakeError(Reason::kInvalidArgument, "the upstream refuses", details);
}

class LearningTest : public ::testing::Test {
 protected:
  LearningTest() {
    auto fake = std::make_unique<FakeBackend>();
    fake_ = fake.get();
    layer_ = LearningLayer(learned_, options_, std::move(fake));
    RequestSpec spec;
    spec.message.set_temperature(0.7);
    spec.message.set_top_p(0.95);
    request_ = MakeRequest(spec);
  }

  void Start() {
    listener_ = Listener();
    listener_.call = layer_->Start(request_, listener_);
  }
  void Refuse(R refusal) { fake_->calls.back().End(Refusal(refusal)); }
  void Answer() { fake_->calls.back().End(Ending()); }
  const ModelWire& LastWire() { return fake_->calls.back().request.wire(); }
  std::vector<std::string> Warnings() {
    const auto& warnings = (**listener_.result).warnings();
    return {warnings.begin(), warnings.end()};
  }
  WireRefusals Known() {
    return learned_.Find(options_.base_url, request_.model());
  }

  LearnedWire learned_;
  OpenAiOptions options_;
  FakeBackend* fake_;
  std::unique_ptr<ChatBackend> layer_;
  ChatRequest request_;
  Listener listener_;
};

TEST_F(LearningTest, AsksOnceMoreAtOnceWithoutWhatWasRefused) {
  Start();
  EXPECT_TRUE(LastWire().stream_options);
  Refuse(R::kStreamOptions);
  ASSERT_EQ(fake_->calls.size(), 2u);
  EXPECT_FALSE(LastWire().stream_options);
  EXPECT_EQ(fake_->open(), 1u);
  fake_->calls.back().Say("Hallo");
  Answer();
  ASSERT_TRUE(listener_.ok());
  EXPECT_EQ(listener_.answer.result(), "Hallo");
  EXPECT_THAT(Warnings(), ElementsAre(HasSubstr("stream_options")));
}

TEST_F(LearningTest, TheNextCallKnowsIt) {
  Start();
  Refuse(R::kStreamOptions);
  Answer();
  Start();
  EXPECT_FALSE(LastWire().stream_options);
  Answer();
  EXPECT_EQ(fake_->calls.size(), 3u);
  EXPECT_THAT(Warnings(), IsEmpty());
}

TEST_F(LearningTest, AnotherModelOrUpstreamIsNotMeant) {
  Start();
  Refuse(R::kStreamOptions);
  Answer();
  const ChatRequest first = request_;
  RequestSpec spec;
  spec.model = "gpt-4.1";
  request_ = MakeRequest(spec);
  Start();
  EXPECT_TRUE(LastWire().stream_options);
  request_ = first;
  options_.base_url = "https://elsewhere.example/v1";
  Start();
  EXPECT_TRUE(LastWire().stream_options);
}

TEST_F(LearningTest, CorrectsOneParameterAfterTheOther) {
  Start();
  Refuse(R::kMaxTokensName);
  Refuse(R::kTemperatureValue);
  Refuse(R::kTopP);
  Answer();
  ASSERT_TRUE(listener_.ok());
  EXPECT_EQ(fake_->calls.size(), 4u);
  EXPECT_EQ(LastWire().max_tokens, ModelWire::MaxTokens::kMaxCompletionTokens);
  EXPECT_EQ(LastWire().temperature, ModelWire::Sampling::kFixed);
  EXPECT_EQ(LastWire().top_p, ModelWire::Sampling::kOmit);
  EXPECT_EQ(Warnings().size(), 3u);
  EXPECT_EQ(Known().size(), 3);
}

TEST_F(LearningTest, GivesUpAfterFourCorrections) {
  Start();
  for (const R refusal : {R::kMaxTokensName, R::kTemperatureValue, R::kTopP,
                          R::kMaxCompletionTokens, R::kStreamOptions}) {
    Refuse(refusal);
  }
  EXPECT_EQ(fake_->calls.size(), 5u);
  EXPECT_EQ(listener_.status(), Refusal(R::kStreamOptions));
  EXPECT_TRUE(Known().empty());
}

TEST_F(LearningTest, WhatIsRefusedAlthoughItWasNotSentEndsTheCall) {
  Start();
  Refuse(R::kTopP);
  Refuse(R::kTopP);
  EXPECT_EQ(fake_->calls.size(), 2u);
  EXPECT_EQ(listener_.status(), Refusal(R::kTopP));
}

TEST_F(LearningTest, WhatTheCallerSetStaysRefused) {
  request_.set_by_caller = {true, true, true};
  for (const R refusal :
       {R::kTemperature, R::kTemperatureValue, R::kTopP, R::kTopPValue,
        R::kMaxTokens, R::kMaxTokensName, R::kMaxCompletionTokens}) {
    Start();
    Refuse(refusal);
    EXPECT_EQ(listener_.status(), Refusal(refusal));
  }
  EXPECT_TRUE(Known().empty());
}

TEST_F(LearningTest, OfTwoThatExcludeEachOtherOneIsLeftOutAlways) {
  request_.set_by_caller.top_p = true;
  Start();
  Refuse(R::kTopPWithTemperature);
  EXPECT_TRUE(LastWire().exclusive);
  Answer();
  EXPECT_TRUE(listener_.ok());
}

TEST_F(LearningTest, AnAnswerByASchemaIsAskedForMoreSimply) {
  Start();
  Refuse(R::kResponseFormat);
  EXPECT_FALSE(listener_.ok()) << "nobody asked for a schema";
  auto message = std::make_shared<pb::InvokeRequest>(*request_.message);
  message->mutable_response_format()->set_type(pb::ResponseFormat::JSON_SCHEMA);
  message->set_model("gpt-4.1");
  request_.message = message;
  request_.target = request_.catalog->TargetFor("gpt-4.1");
  Start();
  Refuse(R::kResponseFormat);
  EXPECT_EQ(LastWire().json_schema, ModelWire::JsonSchema::kJsonObject);
  Refuse(R::kResponseFormat);
  EXPECT_EQ(LastWire().json_schema, ModelWire::JsonSchema::kPrompt);
  Answer();
  EXPECT_TRUE(listener_.ok());
}

TEST_F(LearningTest, NothingIsRememberedUnlessTheRestIsTaken) {
  Start();
  Refuse(R::kTopP);
  fake_->calls.back().End(MakeError(Reason::kInvalidArgument, "bad picture"));
  EXPECT_EQ(listener_.status().message(), "bad picture");
  EXPECT_TRUE(Known().empty());
}

TEST_F(LearningTest, TheFirstPieceShowsThatTheRestIsTaken) {
  Start();
  Refuse(R::kTopP);
  fake_->calls.back().Say("a");
  EXPECT_TRUE(Known().Has(R::kTopP));
}

TEST_F(LearningTest, NothingIsRepeatedAfterAPiece) {
  Start();
  fake_->calls.back().Say("a");
  Refuse(R::kTopP);
  EXPECT_EQ(fake_->calls.size(), 1u);
  EXPECT_EQ(listener_.status(), Refusal(R::kTopP));
}

TEST_F(LearningTest, WhatWasLearnedBeforeAReloadIsNotKept) {
  Start();
  Refuse(R::kTopP);
  learned_.Clear();
  Answer();
  EXPECT_TRUE(listener_.ok());
  EXPECT_TRUE(Known().empty());
}

TEST_F(LearningTest, OtherErrorsPassThrough) {
  Start();
  const absl::Status error = MakeError(Reason::kInvalidArgument, "no");
  fake_->calls.back().End(error);
  EXPECT_EQ(listener_.status(), error);
  EXPECT_EQ(fake_->calls.size(), 1u);
}

// With all layers around it.
TEST(LearningInTheChainTest, ACorrectionIsAnAttemptButNoRetry) {
  ChainRig rig;
  rig.retry.max_attempts = 1;
  auto fake = std::make_unique<FakeBackend>();
  FakeBackend* const upstream = fake.get();
  const auto chain = rig.Compose(std::move(fake));
  RequestSpec spec;
  spec.arrived = rig.loop.Now();
  spec.message.set_max_attempts(1);
  Listener listener;
  listener.call = chain->Start(MakeRequest(spec), listener);
  rig.loop.Advance();
  upstream->calls.back().End(Refusal(R::kStreamOptions));
  rig.loop.Advance();
  ASSERT_EQ(upstream->calls.size(), 2u);
  upstream->calls.back().End(Ending());
  ASSERT_TRUE(listener.ok());
  EXPECT_EQ((**listener.result).attempts(), 2);
  EXPECT_EQ(rig.gauges.attempts, 2);
  EXPECT_EQ(rig.limiter.in_flight(), 0);
}

TEST(LearningInTheChainTest, ACorrectionWaitsForTheLimits) {
  ChainRig rig;
  rig.limits.service.requests_per_minute = 1;
  rig.admission.max_queue_wait = absl::Seconds(90);
  auto fake = std::make_unique<FakeBackend>();
  FakeBackend* const upstream = fake.get();
  const auto chain = rig.Compose(std::move(fake));
  RequestSpec spec;
  spec.arrived = rig.loop.Now();
  spec.deadline = rig.loop.Now() + absl::Minutes(5);
  Listener listener;
  listener.call = chain->Start(MakeRequest(spec), listener);
  rig.loop.Advance();
  upstream->calls.back().End(Refusal(R::kStreamOptions));
  rig.loop.Advance(absl::Seconds(50));
  EXPECT_EQ(upstream->calls.size(), 1u);
  rig.loop.Advance(absl::Seconds(11));
  EXPECT_EQ(upstream->calls.size(), 2u);
}

}  // namespace
}  // namespace holysheep
