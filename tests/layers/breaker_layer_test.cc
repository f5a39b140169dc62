#include "layers/breaker_layer.h"

#include "base/errors.h"
#include "chat/attempt_stats.h"
#include "gtest/gtest.h"
#include "layers/health_layer.h"
#include "support/fake_backend.h"
#include "support/fake_event_loop.h"
#include "support/listener.h"
#include "support/requests.h"

namespace holysheep {
namespace {

using State = CircuitBreaker::State;

class BreakingTest : public ::testing::Test {
 protected:
  BreakingTest() {
    auto fake = std::make_unique<FakeBackend>();
    upstream_ = fake.get();
    break_ = BreakerLayer(loop_, breakers_,
                          HealthLayer(loop_, breakers_, std::move(fake)));
  }

  void Start(Listener& listener, std::string model = "m") {
    RequestSpec spec;
    spec.model = std::move(model);
    listener.call = break_->Start(MakeRequest(spec), listener);
  }
  // A call whose attempts are counted: none yet, as long as it waits.
  std::shared_ptr<AttemptStats> StartCounted(Listener& listener,
                                             std::string model = "m") {
    RequestSpec spec;
    spec.model = std::move(model);
    const ChatRequest request = Counted(MakeRequest(spec));
    listener.call = break_->Start(request, listener);
    return request.attempt_stats;
  }
  void Fail(Reason reason = Reason::kUpstream5xx) {
    Listener listener;
    Start(listener);
    upstream_->calls.back().End(MakeError(reason, "failed"));
    EXPECT_EQ(ReasonOf(listener.status()), reason);
  }
  void Open() {
    for (int i = 0; i < options_.failures; ++i) Fail();
  }
  // Whether a call gets through to the upstream.
  bool Passes() {
    const size_t before = upstream_->calls.size();
    Listener listener;
    Start(listener);
    loop_.Advance();
    return upstream_->calls.size() > before;
  }

  FakeEventLoop loop_;
  CircuitBreakerOptions options_;
  CircuitBreakerRegistry breakers_{options_};
  FakeBackend* upstream_;
  std::unique_ptr<ChatBackend> break_;
};

TEST_F(BreakingTest, CountsOnlyWhatSpeaksOfTheUpstreamsHealth) {
  const struct {
    Reason reason;
    bool counts;
  } kCases[] = {
      {Reason::kInternal, false},         {Reason::kInvalidArgument, false},
      {Reason::kModelNotFound, false},    {Reason::kContextLength, false},
      {Reason::kContentFilter, false},    {Reason::kUnauthenticated, false},
      {Reason::kUpstreamAuth, false},     {Reason::kPermissionDenied, false},
      {Reason::kRateLimitedLocal, false}, {Reason::kQueueFull, false},
      {Reason::kBudgetExceeded, false},   {Reason::kRateLimitedUpstream, false},
      {Reason::kUpstream5xx, true},       {Reason::kUpstreamConnect, true},
      {Reason::kConnectTimeout, true},    {Reason::kFirstTokenTimeout, true},
      {Reason::kIdleTimeout, true},       {Reason::kTotalTimeout, false},
      {Reason::kCacheMiss, false},        {Reason::kUpstreamMalformed, true},
      {Reason::kStreamTruncated, true},   {Reason::kDraining, false},
      {Reason::kUnimplemented, false},    {Reason::kUpstreamQuota, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string(ReasonName(c.reason)));
    const int before = breakers_.Look("m", loop_.Now()).failures;
    Fail(c.reason);
    EXPECT_EQ(breakers_.Look("m", loop_.Now()).failures - before,
              c.counts ? 1 : 0);
    Listener listener;
    Start(listener);
    upstream_->calls.back().End(Ending());
  }
}

TEST_F(BreakingTest, A4xxThatMaySucceedAgainSaysNothingOfItsHealth) {
  ErrorDetails details;
  details.http_status = 409;
  for (int i = 0; i < options_.failures; ++i) {
    Listener listener;
    Start(listener);
    upstream_->calls.back().End(
        MakeError(Reason::kUpstream5xx, "clash", details));
  }
  EXPECT_TRUE(Passes());
}

TEST_F(BreakingTest, ADeadConnectionSaysNothingOfItsHealth) {
  ErrorDetails details;
  details.unanswered = true;
  for (int i = 0; i < 2 * options_.failures; ++i) {
    Listener listener;
    Start(listener);
    upstream_->calls.back().End(
        MakeError(Reason::kUpstreamConnect, "died", details));
  }
  EXPECT_TRUE(Passes());
}

TEST_F(BreakingTest, RefusesAtOnceAfterSoManyFailuresInARow) {
  Open();
  Listener refused;
  Start(refused);
  EXPECT_EQ(refused.ends, 0) << "told before Start returned";
  loop_.Advance();
  ASSERT_EQ(refused.ends, 1);
  EXPECT_EQ(ReasonOf(refused.status()), Reason::kCircuitOpen);
  EXPECT_EQ(DetailsOf(refused.status()).retry_after, options_.open_for);
  EXPECT_EQ(upstream_->calls.size(), 5u);
}

TEST_F(BreakingTest, RefusesThoseWhoStillWaitForTheLimitsWhenItOpens) {
  Listener waiting;
  Listener under_way;
  Listener of_another_model;
  StartCounted(waiting);
  StartCounted(under_way)->attempts = 1;
  StartCounted(of_another_model, "n");
  Open();
  ASSERT_EQ(waiting.ends, 1);
  EXPECT_EQ(ReasonOf(waiting.status()), Reason::kCircuitOpen);
  EXPECT_TRUE(upstream_->calls[0].dropped);
  EXPECT_EQ(under_way.ends, 0);
  EXPECT_EQ(of_another_model.ends, 0);
}

TEST_F(BreakingTest, ARefusedCallMayTakeOthersWithIt) {
  struct Taker final : ChatObserver {
    void OnDelta(const pb::InvokeEvent&) override {}
    void OnDone(absl::StatusOr<Answer>) override { taken.reset(); }
    std::unique_ptr<ChatCall> taken;
  };
  Listener first;
  StartCounted(first);
  Taker second;
  RequestSpec spec;
  spec.model = "m";
  const auto call = break_->Start(Counted(MakeRequest(spec)), second);
  second.taken = std::move(first.call);
  Open();
  EXPECT_EQ(first.ends, 0);
  EXPECT_EQ(second.taken, nullptr);
  EXPECT_EQ(upstream_->open(), 0u);
}

TEST_F(BreakingTest, ASuccessResetsTheCountAndANeutralErrorDoesNot) {
  for (int i = 0; i < 4; ++i) Fail();
  Fail(Reason::kRateLimitedUpstream);
  EXPECT_EQ(breakers_.Look("m", loop_.Now()).failures, 4);
  Listener listener;
  Start(listener);
  upstream_->calls.back().End(Ending());
  EXPECT_TRUE(listener.ok());
  for (int i = 0; i < 4; ++i) Fail();
  EXPECT_TRUE(Passes());
}

TEST_F(BreakingTest, OneProbeGoesThroughAndTheOthersWaitForIt) {
  Open();
  loop_.Advance(options_.open_for);
  Listener probe;
  Start(probe);
  EXPECT_EQ(upstream_->open(), 1u);
  EXPECT_FALSE(Passes());
  upstream_->calls.back().End(Ending());
  EXPECT_TRUE(Passes());
  EXPECT_TRUE(Passes());
}

TEST_F(BreakingTest, AProbeThatFailsKeepsTheCircuitOpen) {
  Open();
  loop_.Advance(options_.open_for);
  Fail();
  EXPECT_FALSE(Passes());
  loop_.Advance(options_.open_for - absl::Nanoseconds(1));
  EXPECT_FALSE(Passes());
  loop_.Advance(absl::Nanoseconds(1));
  EXPECT_TRUE(Passes());
}

TEST_F(BreakingTest, AnAbandonedProbeMakesRoomForTheNext) {
  Open();
  loop_.Advance(options_.open_for);
  Listener probe;
  Start(probe);
  probe.call.reset();
  EXPECT_TRUE(Passes());
}

TEST_F(BreakingTest, AnAbandonedCallDecidesNothing) {
  for (int i = 0; i < 4; ++i) Fail();
  Listener listener;
  Start(listener);
  listener.call.reset();
  EXPECT_EQ(breakers_.Look("m", loop_.Now()).failures, 4);
}

TEST_F(BreakingTest, ACallThatOutlivesItsEndCountsOnce) {
  struct Keeper final : ChatObserver {
    void OnDelta(const pb::InvokeEvent&) override {}
    void OnDone(absl::StatusOr<Answer>) override {}
  } keeper;
  Open();
  loop_.Advance(options_.open_for);
  auto probe = break_->Start(MakeRequest([] {
                               RequestSpec spec;
                               spec.model = "m";
                               return spec;
                             }()),
                             keeper);
  upstream_->calls.back().End(MakeError(Reason::kUpstream5xx, "failed"));
  loop_.Advance(options_.open_for);
  Listener next;
  Start(next);
  probe.reset();  // Is no longer the probe.
  EXPECT_FALSE(Passes());
}

TEST_F(BreakingTest, TheCircuitIsTheModelsThatIsAskedNow) {
  Open();
  Listener other;
  Start(other, "fallback");
  EXPECT_EQ(upstream_->open(), 1u);
}

}  // namespace
}  // namespace holysheep
