#include "layers/fallback_layer.h"

#include <string>
#include <vector>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/fake_backend.h"
#include "support/listener.h"
#include "support/requests.h"

namespace holysheep {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::Status Failure(Reason reason) { return MakeError(reason, "it failed"); }

class FallbackTest : public ::testing::Test {
 protected:
  FallbackTest() {
    auto fake = std::make_unique<FakeBackend>();
    upstream_ = fake.get();
    fallback_ = FallbackLayer(std::move(fake));
  }

  void Start(Listener& listener, std::vector<std::string> models) {
    RequestSpec spec;
    spec.model = "first";
    for (std::string& model : models) {
      spec.message.add_fallback_models(std::move(model));
    }
    listener.call = fallback_->Start(MakeRequest(spec), listener);
  }
  void Fail(Reason reason = Reason::kUpstream5xx) {
    upstream_->calls.back().End(Failure(reason));
  }
  // The models asked, in order.
  std::vector<std::string> Asked() const {
    std::vector<std::string> models;
    for (const FakeBackend::Call& call : upstream_->calls) {
      models.push_back(call.request.model());
    }
    return models;
  }

  FakeBackend* upstream_;
  std::unique_ptr<ChatBackend> fallback_;
};

TEST_F(FallbackTest, AsksAnotherModelOnlyWhenThisOneCannotServe) {
  const struct {
    Reason reason;
    bool falls_back;
  } kCases[] = {
      {Reason::kInternal, false},         {Reason::kInvalidArgument, false},
      {Reason::kModelNotFound, true},     {Reason::kContextLength, false},
      {Reason::kContentFilter, false},    {Reason::kUnauthenticated, false},
      {Reason::kUpstreamAuth, true},      {Reason::kPermissionDenied, false},
      {Reason::kRateLimitedLocal, false}, {Reason::kQueueFull, false},
      {Reason::kBudgetExceeded, false},   {Reason::kRateLimitedUpstream, true},
      {Reason::kCircuitOpen, true},       {Reason::kUpstream5xx, true},
      {Reason::kUpstreamConnect, true},   {Reason::kConnectTimeout, true},
      {Reason::kFirstTokenTimeout, true}, {Reason::kIdleTimeout, true},
      {Reason::kTotalTimeout, false},     {Reason::kCacheMiss, false},
      {Reason::kUpstreamMalformed, true}, {Reason::kStreamTruncated, true},
      {Reason::kDraining, false},         {Reason::kUnimplemented, false},
      {Reason::kUpstreamQuota, true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string(ReasonName(c.reason)));
    Listener listener;
    Start(listener, {"second"});
    Fail(c.reason);
    EXPECT_EQ(listener.ends, c.falls_back ? 0 : 1);
    EXPECT_EQ(upstream_->calls.back().request.model(),
              c.falls_back ? "second" : "first");
  }
}

TEST_F(FallbackTest, TooLongAPromptGoesToAModelThatHoldsMore) {
  for (const auto& [second, falls_back] :
       {std::pair("gemini-2.5-flash", true), std::pair("deepseek-v3.2", false),
        std::pair("claude-sonnet-4.5", false)}) {
    Listener listener;
    RequestSpec spec;
    spec.model = "claude-sonnet-4.5";
    spec.message.add_fallback_models(second);
    listener.call = fallback_->Start(MakeRequest(spec), listener);
    Fail(Reason::kContextLength);
    EXPECT_EQ(listener.ends, falls_back ? 0 : 1) << second;
  }
}

TEST_F(FallbackTest, AFallbackModelThatIsTooSmallIsPassedOver) {
  Listener listener;
  RequestSpec spec;
  spec.model = "claude-sonnet-4.5";
  spec.message.add_fallback_models("deepseek-v3.2");
  spec.message.add_fallback_models("gemini-2.5-flash");
  listener.call = fallback_->Start(MakeRequest(spec), listener);
  Fail(Reason::kContextLength);
  EXPECT_THAT(Asked(), ElementsAre("claude-sonnet-4.5", "gemini-2.5-flash"));
}

TEST_F(FallbackTest, FromAFallbackModelAnythingButTheCallersErrorLeadsOn) {
  const struct {
    Reason reason;
    bool goes_on;
  } kCases[] = {
      {Reason::kInternal, true},          {Reason::kInvalidArgument, false},
      {Reason::kModelNotFound, true},     {Reason::kContextLength, true},
      {Reason::kContentFilter, false},    {Reason::kUnauthenticated, false},
      {Reason::kUpstreamAuth, true},      {Reason::kPermissionDenied, false},
      {Reason::kRateLimitedLocal, true},  {Reason::kQueueFull, true},
      {Reason::kBudgetExceeded, true},    {Reason::kRateLimitedUpstream, true},
      {Reason::kCircuitOpen, true},       {Reason::kUpstream5xx, true},
      {Reason::kUpstreamConnect, true},   {Reason::kConnectTimeout, true},
      {Reason::kFirstTokenTimeout, true}, {Reason::kIdleTimeout, true},
      {Reason::kTotalTimeout, false},     {Reason::kUpstreamMalformed, true},
      {Reason::kStreamTruncated, true},   {Reason::kDraining, false},
      {Reason::kUnimplemented, false},    {Reason::kUpstreamQuota, true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string(ReasonName(c.reason)));
    Listener listener;
    Start(listener, {"second", "third"});
    Fail(Reason::kUpstream5xx);
    Fail(c.reason);
    EXPECT_EQ(listener.ends, c.goes_on ? 0 : 1);
    EXPECT_EQ(upstream_->calls.back().request.model(),
              c.goes_on ? "third" : "second");
    if (!c.goes_on) {
      EXPECT_EQ(listener.status(), Failure(Reason::kUpstream5xx));
    }
  }
}

TEST_F(FallbackTest, AModelThatCannotDoWhatIsAskedIsPassedOver) {
  Listener listener;
  RequestSpec spec;
  spec.model = "gpt-4.1";
  pb::Message& message = *spec.message.add_messages();
  message.add_parts()->mutable_image()->set_url("https://example.com/a.png");
  spec.message.add_fallback_models("deepseek-v3.2");
  spec.message.add_fallback_models("gemini-2.5-flash");
  listener.call = fallback_->Start(MakeRequest(spec), listener);
  Fail();
  EXPECT_THAT(Asked(), ElementsAre("gpt-4.1", "gemini-2.5-flash"));
  upstream_->calls[1].End(Ending());
  ASSERT_TRUE(listener.ok());
  EXPECT_THAT((*listener.result)->warnings(),
              Contains(AllOf(HasSubstr("deepseek-v3.2 was passed over"),
                             HasSubstr("vision"))));
}

TEST_F(FallbackTest, WhereTheFirstModelHasFailedElsewhereTheNextIsAsked) {
  Listener listener;
  RequestSpec spec;
  spec.model = "first";
  spec.message.add_fallback_models("second");
  ChatRequest request = MakeRequest(spec);
  request.first_failure = Failure(Reason::kFirstTokenTimeout);
  listener.call = fallback_->Start(request, listener);
  EXPECT_THAT(Asked(), ElementsAre("second"));
  EXPECT_TRUE(upstream_->calls[0].request.first_failure.ok());
  Fail();
  EXPECT_EQ(listener.status(), Failure(Reason::kFirstTokenTimeout));
}

TEST_F(FallbackTest, TheSameModelIsNoFallback) {
  Listener listener;
  Start(listener, {"first"});
  EXPECT_FALSE(upstream_->calls[0].request.has_another_model);
  Fail();
  EXPECT_EQ(listener.ends, 1);
}

TEST_F(FallbackTest, SaysBelowWhetherAnotherModelIsLeft) {
  Listener listener;
  Start(listener, {"second"});
  EXPECT_TRUE(upstream_->calls[0].request.has_another_model);
  Fail();
  EXPECT_FALSE(upstream_->calls[1].request.has_another_model);
}

TEST_F(FallbackTest, GoesThroughTheListInItsOrder) {
  Listener listener;
  Start(listener, {"second", "third"});
  Fail();
  Fail(Reason::kCircuitOpen);
  EXPECT_THAT(Asked(), ElementsAre("first", "second", "third"));
  EXPECT_EQ(upstream_->open(), 1u) << "keeps calls that have failed";
  for (const FakeBackend::Call& call : upstream_->calls) {
    EXPECT_EQ(call.request.message->model(), "first")
        << "the model asked for by the caller stays known";
  }
}

TEST_F(FallbackTest, SaysThatAndWhyAnotherModelAnswered) {
  Listener listener;
  Start(listener, {"second"});
  Fail();
  upstream_->calls[1].Say("hello");
  upstream_->calls[1].End(Ending());
  ASSERT_TRUE(listener.ok());
  EXPECT_EQ(listener.answer.result(), "hello");
  EXPECT_TRUE((*listener.result)->fallback_used());
  EXPECT_THAT((*listener.result)->warnings(),
              ElementsAre(AllOf(HasSubstr("second"), HasSubstr("first"),
                                HasSubstr("it failed"))));
}

TEST_F(FallbackTest, AnAnswerOfTheFirstModelIsNoFallback) {
  Listener listener;
  Start(listener, {"second"});
  upstream_->calls[0].End(Ending());
  ASSERT_TRUE(listener.ok());
  EXPECT_FALSE((*listener.result)->fallback_used());
  EXPECT_TRUE((*listener.result)->warnings().empty());
}

TEST_F(FallbackTest, TheFirstErrorStandsWhenNoModelCanServe) {
  Listener listener;
  Start(listener, {"second", "third"});
  Fail(Reason::kRateLimitedUpstream);
  Fail(Reason::kUpstream5xx);
  Fail(Reason::kModelNotFound);
  ASSERT_EQ(listener.ends, 1);
  EXPECT_EQ(listener.status(), Failure(Reason::kRateLimitedUpstream));
}

TEST_F(FallbackTest, NeverOnceADeltaWasPassedOn) {
  Listener listener;
  Start(listener, {"second"});
  upstream_->calls[0].Say("hal");
  Fail();
  EXPECT_EQ(listener.ends, 1);
  EXPECT_THAT(Asked(), ElementsAre("first"));
}

TEST_F(FallbackTest, HalfAnAnswerOfAFallbackEndsInItsOwnError) {
  Listener listener;
  Start(listener, {"second", "third"});
  Fail(Reason::kUpstream5xx);
  upstream_->calls[1].Say("hal");
  Fail(Reason::kStreamTruncated);
  ASSERT_EQ(listener.ends, 1);
  EXPECT_EQ(ReasonOf(listener.status()), Reason::kStreamTruncated);
}

TEST_F(FallbackTest, WithoutFallbackModelsCallsPassThrough) {
  Listener listener;
  Start(listener, {});
  Fail();
  ASSERT_EQ(listener.ends, 1);
  EXPECT_EQ(listener.status(), Failure(Reason::kUpstream5xx));
}

}  // namespace
}  // namespace holysheep
