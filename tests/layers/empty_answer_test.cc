#include "chat/empty_answer.h"

#include <random>

#include "base/errors.h"
#include "layers/cache_layer_fixture.h"
#include "layers/retry_layer.h"

// An answer that ended well but says nothing.
namespace holysheep {
namespace {

Answer Empty(
    pb::InvokeResponse::FinishReason reason = pb::InvokeResponse::STOP) {
  Answer ending;
  ending.response.set_finish_reason(reason);
  MarkEmpty(ending.response);
  return ending;
}

class EmptyAnswerTest : public testing::Test {
 protected:
  EmptyAnswerTest() {
    auto fake = std::make_unique<FakeBackend>();
    upstream_ = fake.get();
    retry_ = RetryLayer(loop_, options_, random_, std::move(fake));
    listener_.call = retry_->Start(MakeRequest(), listener_);
  }

  void WaitForAttempt(size_t number) {
    loop_.Advance(absl::Seconds(15));
    ASSERT_EQ(upstream_->calls.size(), number);
  }

  FakeEventLoop loop_;
  RetryOptions options_;
  std::mt19937_64 random_{1};
  FakeBackend* upstream_;
  std::unique_ptr<ChatBackend> retry_;
  Listener listener_;
};

TEST_F(EmptyAnswerTest, AnotherTryMayDoBetter) {
  upstream_->calls[0].End(Empty());
  EXPECT_EQ(listener_.ends, 0);
  WaitForAttempt(2);
  upstream_->calls[1].Say("hello");
  upstream_->calls[1].End(holysheep::Answer());
  ASSERT_TRUE(listener_.ok());
  EXPECT_EQ(listener_.answer.result(), "hello");
}

TEST_F(EmptyAnswerTest, IsGivenOnceNoAttemptIsLeft) {
  for (size_t i = 0; i < 3; ++i) {
    ASSERT_EQ(upstream_->calls.size(), i + 1);
    EXPECT_EQ(listener_.ends, 0);
    upstream_->calls[i].End(Empty());
    loop_.Advance(absl::Seconds(15));
  }
  ASSERT_TRUE(listener_.ok());
  EXPECT_TRUE(SaysNothing(**listener_.result));
}

TEST_F(EmptyAnswerTest, IsMoreThanALaterFailure) {
  upstream_->calls[0].End(Empty());
  WaitForAttempt(2);
  upstream_->calls[1].End(MakeError(Reason::kRateLimitedLocal, "full"));
  ASSERT_TRUE(listener_.ok());
  EXPECT_TRUE(SaysNothing(**listener_.result));
}

TEST_F(EmptyAnswerTest, IsNotAskedForAgainWhereTheModelWasCut) {
  upstream_->calls[0].End(Empty(pb::InvokeResponse::LENGTH));
  EXPECT_TRUE(listener_.ok());
}

TEST_F(CachingFixture, AnAnswerThatSaysNothingIsNotKept) {
  Listener listener;
  Start(listener);
  upstream_->calls[0].End(Ending());
  ASSERT_TRUE(listener.ok());
  Start(listener);
  EXPECT_EQ(upstream_->calls.size(), 2u);
}

TEST_F(CachingFixture, APartForALaterTurnIsSomething) {
  Listener listener;
  Start(listener);
  holysheep::Answer ending = Ending();
  ending.response.set_opaque_json("{}");
  upstream_->calls[0].End(ending);
  Start(listener);
  EXPECT_EQ(upstream_->calls.size(), 1u);
}

}  // namespace
}  // namespace holysheep
