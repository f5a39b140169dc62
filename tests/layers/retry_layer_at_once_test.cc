// Retries after a connection that was dead: at once, once, and counted.
#include <random>

#include "base/errors.h"
#include "chat/attempt_stats.h"
#include "gtest/gtest.h"
#include "layers/retry_layer.h"
#include "support/fake_backend.h"
#include "support/fake_event_loop.h"
#include "support/listener.h"
#include "support/requests.h"

namespace holysheep {
namespace {

absl::Status UnansweredBytes() {
  ErrorDetails details;
  details.unanswered = true;
  return MakeError(Reason::kUpstreamConnect, "died", details);
}

class RetryingAtOnceTest : public ::testing::Test {
 protected:
  RetryingAtOnceTest() {
    auto fake = std::make_unique<FakeBackend>();
    upstream_ = fake.get();
    retry_ = RetryLayer(loop_, options_, random_, std::move(fake));
  }

  void Start(Listener& listener) {
    listener.call = retry_->Start(MakeRequest(), listener);
  }
  void End(absl::StatusOr<Answer> result) {
    FakeBackend::Call& call = upstream_->calls.back();
    ++call.request.attempt_stats->attempts;
    call.End(std::move(result));
  }
  // As many as have come when nothing but what was due at once has happened.
  size_t attempts() {
    loop_.Advance();
    return upstream_->calls.size();
  }
  bool is_fresh() const {
    return upstream_->calls.back().request.fresh_connection;
  }

  FakeEventLoop loop_;
  RetryOptions options_;
  std::mt19937_64 random_{1};
  FakeBackend* upstream_;
  std::unique_ptr<ChatBackend> retry_;
};

TEST_F(RetryingAtOnceTest, TriesAgainWithoutBackOffOverAFreshConnection) {
  Listener listener;
  Start(listener);
  EXPECT_FALSE(is_fresh());
  End(UnansweredBytes());
  ASSERT_EQ(attempts(), 2u);
  EXPECT_TRUE(is_fresh());
  End(Answer());
  EXPECT_EQ((*listener.result)->attempts(), 2);
}

TEST_F(RetryingAtOnceTest, ASingleAttemptDoesNotFailByADeadConnection) {
  options_.max_attempts = 1;
  Listener listener;
  Start(listener);
  End(UnansweredBytes());
  ASSERT_EQ(attempts(), 2u);
  End(UnansweredBytes());
  loop_.Advance(options_.max_backoff);
  EXPECT_EQ(attempts(), 2u);
  EXPECT_EQ(ReasonOf(listener.status()), Reason::kUpstreamConnect);
}

TEST_F(RetryingAtOnceTest, WhatFailsAgainIsRetriedAsAnyFailure) {
  Listener listener;
  Start(listener);
  End(UnansweredBytes());
  ASSERT_EQ(attempts(), 2u);
  End(UnansweredBytes());
  EXPECT_EQ(attempts(), 2u);
  loop_.Advance(options_.max_backoff);
  ASSERT_EQ(attempts(), 3u);
  EXPECT_FALSE(is_fresh());
  End(UnansweredBytes());
  loop_.Advance(options_.max_backoff);
  EXPECT_EQ(attempts(), 3u) << "max_attempts counts all of them";
  EXPECT_FALSE(listener.status().ok());
}

TEST_F(RetryingAtOnceTest, TakesFromTheBudgetOfRetries) {
  options_.max_attempts = 1;
  options_.budget_ratio = 0;
  for (int i = 0; i < 20; ++i) {
    Listener listener;
    Start(listener);
    End(UnansweredBytes());
    loop_.Advance();
  }
  EXPECT_EQ(upstream_->calls.size(), 20u + 10u);
}

TEST_F(RetryingAtOnceTest, ASilentConnectionIsLeftForAFreshOne) {
  Listener listener;
  Start(listener);
  End(MakeError(Reason::kFirstTokenTimeout, "silent"));
  EXPECT_EQ(attempts(), 1u);
  loop_.Advance(options_.max_backoff);
  ASSERT_EQ(attempts(), 2u);
  EXPECT_TRUE(is_fresh());
}

}  // namespace
}  // namespace holysheep
