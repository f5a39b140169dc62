#include "layers/retry_layer.h"

#include <deque>
#include <optional>
#include <random>

#include "base/errors.h"
#include "chat/attempt_stats.h"
#include "gtest/gtest.h"
#include "support/fake_backend.h"
#include "support/fake_event_loop.h"
#include "support/listener.h"
#include "support/requests.h"

namespace holysheep {
namespace {

absl::Status Failure(Reason reason = Reason::kUpstream5xx,
                     std::optional<absl::Duration> retry_after = std::nullopt) {
  ErrorDetails details;
  details.retry_after = retry_after;
  details.http_status = 503;
  return MakeError(reason, "failed", details);
}

class RetryingTest : public ::testing::Test {
 protected:
  RetryingTest() {
    auto fake = std::make_unique<FakeBackend>();
    upstream_ = fake.get();
    retry_ = RetryLayer(loop_, options_, random_, std::move(fake));
  }

  void Start(Listener& listener, const ChatRequest& request = MakeRequest()) {
    listener.call = retry_->Start(request, listener);
  }
  void Fail(const absl::Status& error = Failure()) { Fail(Last(), error); }
  size_t Last() const { return upstream_->calls.size() - 1; }
  // After it was let in, which is counted below.
  void Fail(size_t call, const absl::Status& error) {
    ++upstream_->calls[call].request.attempt_stats->attempts;
    upstream_->calls[call].End(error);
  }
  // Without having been let in.
  void Refuse(Reason reason, absl::Duration retry_after = absl::Seconds(40)) {
    upstream_->calls.back().End(Failure(reason, retry_after));
  }
  static ChatRequest Within(absl::Time deadline) {
    RequestSpec spec;
    spec.deadline = deadline;
    return MakeRequest(spec);
  }

  FakeEventLoop loop_;
  RetryOptions options_;
  std::mt19937_64 random_{1};
  FakeBackend* upstream_;
  std::unique_ptr<ChatBackend> retry_;
};

TEST_F(RetryingTest, Promise08RetriesOnlyWhatCanSucceed) {
  const struct {
    Reason reason;
    bool retried;
  } kCases[] = {
      {Reason::kInternal, false},         {Reason::kInvalidArgument, false},
      {Reason::kModelNotFound, false},    {Reason::kContextLength, false},
      {Reason::kContentFilter, false},    {Reason::kUnauthenticated, false},
      {Reason::kUpstreamAuth, false},     {Reason::kPermissionDenied, false},
      {Reason::kRateLimitedLocal, false}, {Reason::kQueueFull, false},
      {Reason::kBudgetExceeded, false},   {Reason::kRateLimitedUpstream, true},
      {Reason::kCircuitOpen, false},      {Reason::kUpstream5xx, true},
      {Reason::kUpstreamConnect, true},   {Reason::kConnectTimeout, true},
      {Reason::kFirstTokenTimeout, true}, {Reason::kIdleTimeout, false},
      {Reason::kTotalTimeout, false},     {Reason::kCacheMiss, false},
      {Reason::kUpstreamMalformed, true}, {Reason::kStreamTruncated, true},
      {Reason::kDraining, false},         {Reason::kUnimplemented, false},
      {Reason::kUpstreamQuota, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string(ReasonName(c.reason)));
    const size_t before = upstream_->calls.size();
    Listener listener;
    Start(listener);
    Fail(Failure(c.reason));
    EXPECT_EQ(listener.ends, c.retried ? 0 : 1);
    loop_.Advance(absl::Minutes(1));
    EXPECT_EQ(upstream_->calls.size(), before + (c.retried ? 2 : 1));
    if (!c.retried) {
      EXPECT_EQ(listener.status(), Failure(c.reason));
    }
  }
}

TEST_F(RetryingTest, WhatLastsIsNotTriedAgain) {
  ErrorDetails details;
  details.lasting = true;
  Listener listener;
  Start(listener);
  Fail(MakeError(Reason::kUpstreamConnect, "it redirects", details));
  EXPECT_EQ(listener.ends, 1);
}

TEST_F(RetryingTest, Promise08TriesNoMoreOftenThanConfiguredOrAskedFor) {
  const struct {
    int configured, asked, attempts;
  } kCases[] = {{3, 3, 3}, {3, 2, 2}, {3, 1, 1}, {2, 5, 2}, {1, 3, 1}};
  for (const auto& c : kCases) {
    loop_.Advance(absl::Minutes(1));  // So that the retry budget allows it.
    options_.max_attempts = c.configured;
    RequestSpec spec;
    spec.message.set_max_attempts(c.asked);
    const size_t before = upstream_->calls.size();
    Listener listener;
    Start(listener, MakeRequest(spec));
    while (listener.ends == 0) {
      Fail();
      loop_.Advance(options_.max_backoff);
    }
    EXPECT_EQ(upstream_->calls.size() - before,
              static_cast<size_t>(c.attempts));
    EXPECT_EQ(listener.status(), Failure());
  }
}

TEST_F(RetryingTest, AddsUpWhatItsAttemptsTook) {
  ChatRequest request = MakeRequest();
  request.attempt_stats = std::make_shared<AttemptStats>();
  request.attempt_stats->attempts = 5;  // Of another model's.
  Listener listener;
  Start(listener, request);
  for (const int failures : {1, 2}) {
    AttemptStats& stats = *upstream_->calls.back().request.attempt_stats;
    stats.queued += absl::Milliseconds(10);
    if (failures == 1) Fail();
    if (failures == 2) ++stats.attempts;
    loop_.Advance(absl::Minutes(1));
  }
  upstream_->calls[1].Say("hello");
  upstream_->calls[1].End(Ending());
  ASSERT_TRUE(listener.ok());
  EXPECT_EQ((*listener.result)->attempts(), 2);
  EXPECT_EQ((*listener.result)->queue_ms(), 20);
  EXPECT_EQ(listener.answer.result(), "hello");
}

TEST_F(RetryingTest, WaitsLongerEachTimeWithJitterUpToTheMost) {
  options_.max_attempts = 5;
  RequestSpec spec;
  spec.message.set_max_attempts(5);
  const absl::Duration longest[] = {absl::Seconds(2), absl::Seconds(4),
                                    absl::Seconds(8), absl::Seconds(10)};
  for (int round = 0; round < 20; ++round) {
    loop_.Advance(absl::Minutes(1));
    Listener listener;
    Start(listener, MakeRequest(spec));
    for (const absl::Duration most : longest) {
      const size_t before = upstream_->calls.size();
      Fail();
      loop_.Advance(most / 2 - absl::Nanoseconds(1));
      EXPECT_EQ(upstream_->calls.size(), before) << most;
      loop_.Advance(most / 2 + absl::Nanoseconds(1));
      EXPECT_EQ(upstream_->calls.size(), before + 1) << most;
    }
  }
}

TEST_F(RetryingTest, HonoursRetryAfterBeyondTheLongestBackoff) {
  Listener listener;
  Start(listener);
  Fail(Failure(Reason::kRateLimitedUpstream, absl::Seconds(100)));
  loop_.Advance(absl::Seconds(100) - absl::Nanoseconds(1));
  EXPECT_EQ(upstream_->calls.size(), 1u) << "came back too early";
  loop_.Advance(absl::Seconds(11));
  EXPECT_EQ(upstream_->calls.size(), 2u);
}

TEST_F(RetryingTest, ARetryAfterOfZeroMeansTheOrdinaryBackOff) {
  Listener listener;
  Start(listener);
  Fail(Failure(Reason::kUpstream5xx, absl::ZeroDuration()));
  loop_.Advance();
  EXPECT_EQ(upstream_->calls.size(), 1u) << "came back too early";
  loop_.Advance(absl::Seconds(10));
  EXPECT_EQ(upstream_->calls.size(), 2u);
}

TEST_F(RetryingTest, EndsAtOnceWhenTheWaitWouldPassTheDeadline) {
  Listener listener;
  Start(listener, Within(loop_.Now() + absl::Seconds(30)));
  Fail(Failure(Reason::kRateLimitedUpstream, absl::Seconds(31)));
  ASSERT_EQ(listener.ends, 1);
  EXPECT_EQ(ReasonOf(listener.status()), Reason::kRateLimitedUpstream);
  const ErrorDetails details = DetailsOf(listener.status());
  EXPECT_EQ(details.retry_after, absl::Seconds(31)) << "as it was asked";
  EXPECT_EQ(details.http_status, 503) << "the details are the error's own";
  EXPECT_EQ(listener.status().message(), "failed");
}

TEST_F(RetryingTest, ABackoffThatPassesTheDeadlineEndsTheCallToo) {
  Listener listener;
  Start(listener, Within(loop_.Now() + absl::Milliseconds(900)));
  Fail();
  ASSERT_EQ(listener.ends, 1);
  EXPECT_GE(DetailsOf(listener.status()).retry_after, absl::Seconds(1));
}

TEST_F(RetryingTest, ADeadlineThatMovesIsTheOneThatCounts) {
  const ChatRequest request = Within(loop_.Now() + absl::Seconds(1));
  Listener listener;
  Start(listener, request);
  request.deadline->at += absl::Minutes(1);
  Fail();
  EXPECT_EQ(listener.ends, 0);
}

TEST_F(RetryingTest, Promise08RetriesAreAFifthOfTheTraffic) {
  std::deque<Listener> listeners;
  for (int i = 0; i < 100; ++i) Start(listeners.emplace_back());
  for (int i = 0; i < 100; ++i) Fail(i, Failure());
  int ended = 0;
  for (const Listener& listener : listeners) {
    if (listener.ends == 0) continue;
    ++ended;
    EXPECT_TRUE(DetailsOf(listener.status()).retry_after.has_value());
  }
  // 25 of 125 attempts are retries.
  EXPECT_EQ(ended, 75);
}

TEST_F(RetryingTest, Promise08CallsThatWereTurnedAwayAreNoTraffic) {
  std::deque<Listener> refused;
  for (int i = 0; i < 1000; ++i) {
    Start(refused.emplace_back());
    Refuse(Reason::kCircuitOpen);
  }
  std::deque<Listener> listeners;
  for (int i = 0; i < 40; ++i) {
    Start(listeners.emplace_back());
    Fail();
  }
  int ended = 0;
  for (const Listener& listener : listeners) ended += listener.ends;
  // 10 of 50 attempts are retries.
  EXPECT_EQ(ended, 30);
}

TEST_F(RetryingTest, ARetryWithoutRoomEndsInTheFailureItWasToMend) {
  for (const Reason reason : {Reason::kRateLimitedLocal, Reason::kQueueFull,
                              Reason::kBudgetExceeded}) {
    Listener listener;
    Start(listener);
    Fail();
    loop_.Advance(absl::Minutes(1));
    Refuse(reason);
    ASSERT_EQ(listener.ends, 1);
    EXPECT_EQ(ReasonOf(listener.status()), Reason::kUpstream5xx);
    EXPECT_EQ(DetailsOf(listener.status()).retry_after, absl::Seconds(40));
  }
}

TEST_F(RetryingTest, Promise08DoesNotRetryOnceTextWasPassedOn) {
  Listener listener;
  Start(listener);
  upstream_->calls[0].Say("hal");
  Fail(Failure(Reason::kStreamTruncated));
  ASSERT_EQ(listener.ends, 1);
  EXPECT_EQ(ReasonOf(listener.status()), Reason::kStreamTruncated);
  EXPECT_EQ(loop_.pending(), 0u);
}

TEST_F(RetryingTest, AFailedAttemptHoldsNothingWhileItsSuccessorWaits) {
  Listener listener;
  Start(listener);
  Fail();
  EXPECT_EQ(upstream_->open(), 0u);
  EXPECT_EQ(loop_.pending(), 1u);
}

TEST_F(RetryingTest, CancellingDuringTheBackoffEndsTheMatter) {
  Listener listener;
  Start(listener);
  Fail();
  listener.call.reset();
  EXPECT_EQ(loop_.pending(), 0u);
  loop_.Advance(absl::Minutes(1));
  EXPECT_EQ(upstream_->calls.size(), 1u);
  EXPECT_EQ(listener.ends, 0);
}

TEST_F(RetryingTest, NewOptionsHoldForCallsUnderWay) {
  Listener listener;
  Start(listener);
  options_.max_attempts = 1;
  Fail();
  EXPECT_EQ(listener.ends, 1);
}

}  // namespace
}  // namespace holysheep
