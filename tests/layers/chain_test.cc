#include <deque>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "layers/chain_rig.h"
#include "support/listener.h"
#include "support/requests.h"

namespace holysheep {
namespace {

using ::testing::ElementsAre;

// What the layers promise only together.
class ChainTest : public ::testing::Test {
 protected:
  ChainTest() {
    auto fake = std::make_unique<FakeBackend>();
    upstream_ = fake.get();
    chain_ = rig_.Compose(std::move(fake));
  }

  RequestSpec Spec() {
    RequestSpec spec;
    spec.arrived = rig_.loop.Now();
    spec.deadline = rig_.loop.Now() + absl::Minutes(5);
    return spec;
  }
  Listener& Ask(RequestSpec spec) {
    Listener& listener = listeners_.emplace_back();
    listener.call = chain_->Start(MakeRequest(spec), listener);
    return listener;
  }
  void Fail(Reason reason = Reason::kUpstream5xx) {
    upstream_->calls.back().End(MakeError(reason, "failed"));
  }

  ChainRig rig_;
  FakeBackend* upstream_;
  std::unique_ptr<ChatBackend> chain_;
  std::deque<Listener> listeners_;
};

TEST_F(ChainTest, AHitAndAJoinedCallTakeNoLimitAndAreNoAttempt) {
  rig_.limits.service.requests_per_minute = 1;
  Listener& leader = Ask(Spec());
  Listener& joined = Ask(Spec());
  upstream_->calls[0].Say("hello");
  upstream_->calls[0].End(Ending());
  Listener& hit = Ask(Spec());
  rig_.loop.Advance();
  ASSERT_TRUE(leader.ok() && joined.ok() && hit.ok());
  EXPECT_EQ((*leader.result)->attempts(), 1);
  EXPECT_EQ((*joined.result)->attempts(), 0);
  EXPECT_EQ((*hit.result)->attempts(), 0);
  EXPECT_EQ(rig_.gauges.attempts, 1);
  EXPECT_EQ(rig_.charges.entries.size(), 1u);
}

TEST_F(ChainTest, EachAttemptTakesItsOwnPlaceInTheLimits) {
  rig_.limits.service.requests_per_minute = 2;
  Listener& listener = Ask(Spec());
  Fail();
  rig_.loop.Advance(absl::Seconds(2));
  Fail();
  rig_.loop.Advance(absl::Seconds(4));
  EXPECT_EQ(upstream_->calls.size(), 2u) << "the third waits for the limit";
  rig_.loop.Advance(absl::Minutes(1));
  ASSERT_EQ(upstream_->calls.size(), 3u);
  upstream_->calls[2].End(Ending());
  ASSERT_TRUE(listener.ok());
  EXPECT_EQ((*listener.result)->attempts(), 3);
}

TEST_F(ChainTest, AttemptsAndWaitsAddUpOverRetriesAndModels) {
  rig_.limits.service.requests_per_minute = 1;
  rig_.admission.max_queue_wait = absl::Minutes(2);
  rig_.retry.max_attempts = 2;
  RequestSpec spec = Spec();
  spec.message.add_fallback_models("gpt-4.1");
  Listener& listener = Ask(spec);
  for (int i = 0; i < 2; ++i) {
    Fail(Reason::kUpstream5xx);
    rig_.loop.Advance(absl::Minutes(1));
  }
  ASSERT_EQ(upstream_->calls.size(), 3u);
  EXPECT_EQ(upstream_->calls[2].request.model(), "gpt-4.1");
  upstream_->calls[2].End(Ending());
  ASSERT_TRUE(listener.ok());
  EXPECT_EQ((*listener.result)->attempts(), 3);
  // The second attempt's wait, after its back-off, and the third's.
  EXPECT_GT((*listener.result)->queue_ms(), 60'000 + 50'000);
  EXPECT_LE((*listener.result)->queue_ms(), 60'000 + 59'000);
}

TEST_F(ChainTest, ABackoffHoldsNoSlot) {
  rig_.limits.service.max_concurrent = 1;
  Ask(Spec());
  Fail();
  EXPECT_EQ(rig_.limiter.in_flight(), 0);
  RequestSpec other = Spec();
  other.query = "other";
  Ask(other);
  EXPECT_EQ(upstream_->open(), 1u);
}

TEST_F(ChainTest, AnOpenCircuitIsNotRetriedButFallsBack) {
  rig_.breaker.failures = 1;
  rig_.retry.max_attempts = 1;
  Ask(Spec());
  Fail();
  RequestSpec spec = Spec();
  spec.message.add_fallback_models("gpt-4.1");
  Listener& listener = Ask(spec);
  rig_.loop.Advance();
  ASSERT_EQ(upstream_->calls.size(), 2u);
  EXPECT_EQ(upstream_->calls[1].request.model(), "gpt-4.1");
  upstream_->calls[1].End(Ending());
  ASSERT_TRUE(listener.ok());
  EXPECT_TRUE((*listener.result)->fallback_used());
  EXPECT_EQ((*listener.result)->attempts(), 1) << "a refusal is no attempt";
  EXPECT_EQ(rig_.store.GetStats().entries, 0);
}

TEST_F(ChainTest, ARefusalOfOursIsNoFailureOfTheUpstreams) {
  rig_.breaker.failures = 1;
  rig_.limits.service.max_concurrent = 1;
  rig_.admission.max_queue_wait = absl::ZeroDuration();
  Ask(Spec());
  RequestSpec other = Spec();
  other.query = "other";
  Listener& refused = Ask(other);
  rig_.loop.Advance();
  EXPECT_EQ(ReasonOf(refused.status()), Reason::kRateLimitedLocal);
  EXPECT_EQ(rig_.breakers.Look("deepseek-v3.2", rig_.loop.Now()).failures, 0);
}

TEST_F(ChainTest, Promise05AnOpenCircuitIsAnsweredByAnExpiredAnswer) {
  rig_.breaker.failures = 1;
  rig_.retry.max_attempts = 1;
  rig_.cache.stale_if_error = absl::Hours(1);
  Ask(Spec());
  upstream_->calls[0].Say("hello");
  upstream_->calls[0].End(Ending());
  rig_.loop.Advance(rig_.cache.ttl);
  RequestSpec other = Spec();
  other.query = "other";
  Ask(other);
  Fail();
  Listener& stale = Ask(Spec());
  rig_.loop.Advance();
  ASSERT_TRUE(stale.ok());
  EXPECT_EQ(stale.answer.result(), "hello");
  EXPECT_EQ((*stale.result)->cache_info().outcome(), pb::CacheInfo::STALE);
}

TEST_F(ChainTest, Promise04EachReaderHasADeadlineOfItsOwn) {
  RequestSpec hasty = Spec();
  hasty.deadline = rig_.loop.Now() + absl::Seconds(1);
  Listener& leader = Ask(hasty);
  Listener& follower = Ask(Spec());
  rig_.loop.Advance(absl::Seconds(1));
  EXPECT_EQ(ReasonOf(leader.status()), Reason::kTotalTimeout);
  EXPECT_EQ(upstream_->open(), 1u);
  upstream_->calls[0].Say("hello");
  upstream_->calls[0].End(Ending());
  EXPECT_TRUE(follower.ok());
}

TEST_F(ChainTest, Promise10ACallerThatLeavesIsBilledForWhatItUsed) {
  Listener& listener = Ask(Spec());
  upstream_->calls[0].Say("hello");
  listener.call.reset();
  EXPECT_EQ(upstream_->open(), 0u);
  EXPECT_EQ(rig_.limiter.in_flight(), 0);
  ASSERT_EQ(rig_.charges.entries.size(), 1u);
  EXPECT_TRUE(rig_.charges.entries[0].charge.estimated);
  ASSERT_EQ(rig_.calls.entries.size(), 1u);
  EXPECT_TRUE(absl::IsCancelled(rig_.calls.entries[0].status));
}

TEST_F(ChainTest, Promise01CallersOfDifferentKeysShareNothing) {
  RequestSpec a = Spec(), b = Spec();
  a.caller = "a";
  b.caller = "b";
  Ask(a);
  Ask(b);
  EXPECT_EQ(upstream_->calls.size(), 2u);
}

}  // namespace
}  // namespace holysheep
