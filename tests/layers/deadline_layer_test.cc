#include "layers/deadline_layer.h"

#include "base/errors.h"
#include "gtest/gtest.h"
#include "support/fake_backend.h"
#include "support/fake_event_loop.h"
#include "support/listener.h"
#include "support/requests.h"

namespace holysheep {
namespace {

class ExpiringTest : public ::testing::Test {
 protected:
  ExpiringTest() {
    auto fake = std::make_unique<FakeBackend>();
    upstream_ = fake.get();
    expire_ = DeadlineLayer(loop_, drain_deadline_, std::move(fake));
  }

  void Start(Listener& listener, absl::Duration left) {
    RequestSpec spec;
    spec.arrived = loop_.Now();
    spec.deadline = loop_.Now() + left;
    listener.call = expire_->Start(MakeRequest(spec), listener);
  }

  FakeEventLoop loop_;
  DrainDeadline drain_deadline_;
  FakeBackend* upstream_;
  std::unique_ptr<ChatBackend> expire_;
};

TEST_F(ExpiringTest, Promise09ACallEndsAtItsDeadlineAndNotBefore) {
  Listener listener;
  Start(listener, absl::Seconds(5));
  loop_.Advance(absl::Seconds(5) - absl::Nanoseconds(1));
  EXPECT_EQ(listener.ends, 0);
  loop_.Advance(absl::Nanoseconds(1));
  ASSERT_EQ(listener.ends, 1);
  EXPECT_EQ(ReasonOf(listener.status()), Reason::kTotalTimeout);
  EXPECT_EQ(upstream_->open(), 0u);
}

TEST_F(ExpiringTest, Promise09ProgressDoesNotMoveTheDeadline) {
  Listener listener;
  Start(listener, absl::Seconds(5));
  for (int i = 0; i < 4; ++i) {
    loop_.Advance(absl::Seconds(1));
    upstream_->calls[0].Say("more");
  }
  loop_.Advance(absl::Seconds(1));
  EXPECT_EQ(listener.ends, 1);
  EXPECT_EQ(listener.chunks.size(), 4u);
}

TEST_F(ExpiringTest, ACallThatComesTooLateIsNotStarted) {
  Listener listener;
  Start(listener, absl::ZeroDuration());
  EXPECT_EQ(listener.ends, 0) << "told before Start returned";
  loop_.Advance();
  ASSERT_EQ(listener.ends, 1);
  EXPECT_EQ(ReasonOf(listener.status()), Reason::kTotalTimeout);
  EXPECT_TRUE(upstream_->calls.empty());
}

TEST_F(ExpiringTest, AnAnswerInTimeStopsTheClock) {
  struct Keeper final : ChatObserver {
    void OnDelta(const pb::InvokeEvent&) override {}
    void OnDone(absl::StatusOr<Answer>) override { ++ends; }
    int ends = 0;
  } keeper;
  RequestSpec spec;
  spec.deadline = loop_.Now() + absl::Seconds(5);
  const auto call = expire_->Start(MakeRequest(spec), keeper);
  upstream_->calls[0].End(Ending());
  loop_.Advance(absl::Seconds(10));
  EXPECT_EQ(keeper.ends, 1);
}

TEST_F(ExpiringTest, HoldsToTheDeadlineItBeganWith) {
  RequestSpec spec;
  spec.deadline = loop_.Now() + absl::Seconds(5);
  const ChatRequest request = MakeRequest(spec);
  Listener listener;
  listener.call = expire_->Start(request, listener);
  request.deadline->at += absl::Seconds(5);  // Another reader's.
  loop_.Advance(absl::Seconds(5));
  EXPECT_EQ(listener.ends, 1);
}

TEST_F(ExpiringTest, Promise13TheDrainDeadlineEndsEveryCallUnderWay) {
  Listener first, second;
  Start(first, absl::Seconds(5));
  Start(second, absl::Seconds(5));
  upstream_->calls[0].Say("half");
  drain_deadline_.Begin();
  for (const Listener* listener : {&first, &second}) {
    ASSERT_EQ(listener->ends, 1);
    EXPECT_EQ(ReasonOf(listener->status()), Reason::kDraining);
  }
  EXPECT_EQ(upstream_->open(), 0u);
  EXPECT_EQ(loop_.pending(), 0u);
}

TEST_F(ExpiringTest, Promise13NoCallStartsAfterTheDrainDeadline) {
  drain_deadline_.Begin();
  Listener listener;
  Start(listener, absl::Seconds(5));
  loop_.Advance();
  ASSERT_EQ(listener.ends, 1);
  EXPECT_EQ(ReasonOf(listener.status()), Reason::kDraining);
  EXPECT_TRUE(upstream_->calls.empty());
}

TEST_F(ExpiringTest, ACallThatHasEndedHearsNoDrainDeadline) {
  Listener ended, dropped;
  Start(ended, absl::Seconds(5));
  Start(dropped, absl::Seconds(5));
  upstream_->calls[0].End(Ending());
  dropped.call.reset();
  drain_deadline_.Begin();
  EXPECT_EQ(ended.ends, 1);
  EXPECT_EQ(dropped.ends, 0);
}

}  // namespace
}  // namespace holysheep
