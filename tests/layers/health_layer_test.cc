#include "layers/health_layer.h"

#include <memory>
#include <string>
#include <utility>

#include "base/errors.h"
#include "chat/attempt_stats.h"
#include "gtest/gtest.h"
#include "layers/admission_layer.h"
#include "layers/breaker_layer.h"
#include "support/fake_backend.h"
#include "support/fake_event_loop.h"
#include "support/listener.h"
#include "support/requests.h"

namespace holysheep {
namespace {

class JudgingTest : public ::testing::Test {
 protected:
  JudgingTest() {
    options_.failures = 2;
    options_.fair_silence = absl::Seconds(15);
    limits_.service.max_concurrent = 1;
    auto fake = std::make_unique<FakeBackend>();
    upstream_ = fake.get();
    chain_ = BreakerLayer(
        loop_, breakers_,
        AdmissionLayer(loop_, limiter_, admission_, gauges_,
                       HealthLayer(loop_, breakers_, std::move(fake))));
  }

  void Start(Listener& listener, std::string model = "m",
             absl::Duration total = absl::Hours(1)) {
    RequestSpec spec;
    spec.model = std::move(model);
    spec.deadline = loop_.Now() + total;
    ChatRequest request = MakeRequest(spec);
    request.attempt_stats = std::make_shared<AttemptStats>();
    listener.call = chain_->Start(request, listener);
  }
  void Fail(const ErrorDetails& details = {},
            Reason reason = Reason::kFirstTokenTimeout) {
    Listener listener;
    Start(listener);
    upstream_->calls.back().End(MakeError(reason, "failed", details));
  }
  void OpenAndWait() {
    Fail();
    Fail();
    loop_.Advance(options_.open_for);
  }
  int failures() { return breakers_.Look("m", loop_.Now()).failures; }

  FakeEventLoop loop_;
  CircuitBreakerOptions options_;
  CircuitBreakerRegistry breakers_{options_};
  LimiterOptions limits_;
  Limiter limiter_{limits_};
  AdmissionOptions admission_;
  AdmissionGauges gauges_;
  FakeBackend* upstream_;
  std::unique_ptr<ChatBackend> chain_;
};

TEST_F(JudgingTest, WhatEndsTogetherWithOneConnectionIsOneFailure) {
  ErrorDetails shared;
  shared.event = 5;
  for (const Reason reason :
       {Reason::kUpstreamConnect, Reason::kStreamTruncated,
        Reason::kUpstreamConnect}) {
    Fail(shared, reason);
    EXPECT_EQ(failures(), 1);
  }
  shared.event = 6;
  Fail(shared, Reason::kUpstreamConnect);
  EXPECT_EQ(failures(), 2);
}

TEST_F(JudgingTest, ABoundOfTheCallersNeitherCountsNorResets) {
  ErrorDetails hasty;
  hasty.callers_bound = true;
  Fail();
  for (const Reason reason : {Reason::kFirstTokenTimeout, Reason::kIdleTimeout,
                              Reason::kUpstreamMalformed}) {
    Fail(hasty, reason);
    EXPECT_EQ(failures(), 1);
  }
  Fail();
  EXPECT_EQ(failures(), 2);
}

TEST_F(JudgingTest, AProbeThatEndsByTheCallersBoundPassesItsRightOn) {
  OpenAndWait();
  ErrorDetails hasty;
  hasty.callers_bound = true;
  Fail(hasty);
  const CircuitBreakerRegistry::Entry entry = breakers_.Look("m", loop_.Now());
  EXPECT_EQ(entry.state, CircuitBreaker::State::kHalfOpen);
  EXPECT_FALSE(entry.shut);
  Listener next;
  Start(next);
  EXPECT_EQ(upstream_->open(), 1u);
}

TEST_F(JudgingTest, ADeadlineThatSilenceHasUsedUpCounts) {
  const struct {
    absl::Duration total, passed;
    bool says_something;
    int failures;
  } kCases[] = {
      {absl::Seconds(20), absl::Seconds(20), false, 1},
      {absl::Seconds(20), absl::Seconds(19.97), false, 1},
      {absl::Seconds(20), absl::Seconds(19), false, 0},  // Cancelled.
      {absl::Seconds(15), absl::Seconds(15), false, 0},
      {absl::Seconds(20), absl::Seconds(20), true, 0},
  };
  for (const auto& c : kCases) {
    const int before = failures();
    Listener listener;
    Start(listener, "m", c.total);
    loop_.Advance(c.passed / 2);
    if (c.says_something) upstream_->calls.back().Say("hm");
    loop_.Advance(c.passed - c.passed / 2);
    listener.call.reset();
    EXPECT_EQ(failures() - before, c.failures) << &c - kCases;
    Listener well;
    Start(well);
    upstream_->calls.back().End(Ending());
  }
}

TEST_F(JudgingTest, AProbesFirstPieceClosesTheCircuit) {
  OpenAndWait();
  limits_.service.max_concurrent = 2;
  Listener probe;
  Start(probe);
  EXPECT_TRUE(breakers_.Look("m", loop_.Now()).shut);
  upstream_->calls.back().Say("h");
  EXPECT_EQ(breakers_.Look("m", loop_.Now()).state,
            CircuitBreaker::State::kClosed);
  Listener other;
  Start(other);
  EXPECT_EQ(upstream_->open(), 2u);
  upstream_->calls[2].End(MakeError(Reason::kStreamTruncated, "cut"));
  EXPECT_EQ(failures(), 1);
}

TEST_F(JudgingTest, WhoWaitsForALimitHoldsNoRightToProbe) {
  OpenAndWait();
  Listener busy;
  Start(busy, "other");
  Listener first;
  Listener second;
  Start(first);
  Start(second);
  EXPECT_FALSE(breakers_.Look("m", loop_.Now()).shut);
  first.call.reset();
  busy.call.reset();
  loop_.Advance();
  EXPECT_TRUE(breakers_.Look("m", loop_.Now()).shut) << "the second one probes";
  EXPECT_EQ(upstream_->calls.back().request.model(), "m");
  EXPECT_EQ(upstream_->open(), 1u);
}

TEST_F(JudgingTest, OneProbesAndTheOthersWhoWaitAreToldWhenToComeAgain) {
  OpenAndWait();
  Listener busy;
  Start(busy, "other");
  Listener first;
  Listener second;
  Start(first);
  Start(second);
  busy.call.reset();
  loop_.Advance();
  EXPECT_EQ(upstream_->open(), 1u);
  ASSERT_EQ(second.ends, 1);
  EXPECT_EQ(ReasonOf(second.status()), Reason::kCircuitOpen);
  EXPECT_GT(DetailsOf(second.status()).retry_after, absl::ZeroDuration());
  Listener late;
  Start(late);
  loop_.Advance();
  EXPECT_EQ(ReasonOf(late.status()), Reason::kCircuitOpen);
  EXPECT_GT(DetailsOf(late.status()).retry_after, absl::ZeroDuration());
  EXPECT_EQ(first.ends, 0);
}

}  // namespace
}  // namespace holysheep
