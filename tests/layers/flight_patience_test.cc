#include "base/errors.h"
#include "chat/attempt_stats.h"
#include "chat/patience.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "layers/cache/flight.h"
#include "support/fake_backend.h"
#include "support/fake_event_loop.h"
#include "support/listener.h"
#include "support/requests.h"

namespace holysheep {
namespace {

using ::testing::ElementsAre;

// What each reader of a flight is ready to wait for.
struct Terms {
  int first_token_ms = 60'000;
  int idle_ms = 60'000;
  int queue_ms = 60'000;
  std::string fallback = "";
};

ChatRequest RequestOn(const Terms& terms) {
  RequestSpec spec;
  pb::Timeouts& timeouts = *spec.message.mutable_timeouts();
  timeouts.set_first_token_ms(terms.first_token_ms);
  timeouts.set_idle_ms(terms.idle_ms);
  timeouts.set_queue_ms(terms.queue_ms);
  if (!terms.fallback.empty()) {
    spec.message.add_fallback_models(terms.fallback);
  }
  return MakeRequest(spec);
}

class FlightPatienceTest : public ::testing::Test {
 protected:
  void Start(Listener& leader, const Terms& terms) {
    const ChatRequest request = RequestOn(terms);
    flight_ = StartFlight(loop_, upstream_, request, nullptr);
    leader.call = flight_->Join(again_, request, leader);
  }
  void Join(Listener& listener, const Terms& terms) {
    listener.call = flight_->Join(again_, RequestOn(terms), listener);
  }
  // The limits let the flight go, and the upstream is asked.
  void Ask() {
    AttemptStats& stats = *Upstream().request.attempt_stats;
    ++stats.attempts;
    stats.asked = loop_.Now();
    stats.on_asked();
  }
  // The attempt ends; another follows.
  void Fail() {
    AttemptStats& stats = *Upstream().request.attempt_stats;
    stats.asked = absl::InfiniteFuture();
    stats.on_asked();
  }
  FakeBackend::Call& Upstream() { return upstream_.calls[0]; }
  const Patience& Shared() { return *Upstream().request.patience; }

  FakeEventLoop loop_;
  FakeBackend upstream_;
  FakeBackend again_;
  std::shared_ptr<Flight> flight_;
};

TEST_F(FlightPatienceTest, AFlightIsAsPatientAsItsMostPatientReader) {
  Listener leader, joined;
  Start(leader, {.first_token_ms = 1000, .idle_ms = 5000});
  EXPECT_EQ(Shared().first_token, absl::Seconds(1));
  Join(joined, {.first_token_ms = 3000, .idle_ms = 2000, .queue_ms = 70'000});
  EXPECT_EQ(Shared().first_token, absl::Seconds(3));
  EXPECT_EQ(Shared().idle, absl::Seconds(5));
  EXPECT_EQ(Shared().queue, absl::Seconds(70));
}

TEST_F(FlightPatienceTest, AReaderWhoseFirstTokenIsLateLeavesAlone) {
  Listener patient, hasty;
  Start(patient, {});
  Ask();
  loop_.Advance(absl::Seconds(10));
  Join(hasty, {.first_token_ms = 1000});
  loop_.Advance(absl::Milliseconds(999));
  EXPECT_EQ(hasty.ends, 0) << "its own time begins when it joins";
  loop_.Advance(absl::Milliseconds(1));
  ASSERT_EQ(hasty.ends, 1);
  EXPECT_EQ(ReasonOf(hasty.status()), Reason::kFirstTokenTimeout);
  EXPECT_TRUE(DetailsOf(hasty.status()).callers_bound);
  Upstream().Say("hello");
  Upstream().End(Ending());
  EXPECT_TRUE(patient.ok());
}

TEST_F(FlightPatienceTest, TheLeaderLeavesNoOtherwise) {
  Listener hasty, patient;
  Start(hasty, {.first_token_ms = 1000});
  Ask();
  Join(patient, {});
  loop_.Advance(absl::Seconds(1));
  EXPECT_EQ(ReasonOf(hasty.status()), Reason::kFirstTokenTimeout);
  EXPECT_EQ(upstream_.open(), 1u);
  Upstream().End(Ending());
  EXPECT_TRUE(patient.ok());
}

TEST_F(FlightPatienceTest, TheFirstTokensTimeBeginsWithEachAttempt) {
  Listener patient, hasty;
  Start(patient, {});
  Join(hasty, {.first_token_ms = 1000});
  loop_.Advance(absl::Seconds(5));
  EXPECT_EQ(hasty.ends, 0) << "waits for the limits";
  Ask();
  loop_.Advance(absl::Milliseconds(900));
  Fail();
  loop_.Advance(absl::Seconds(5));
  EXPECT_EQ(hasty.ends, 0) << "waits for the next attempt";
  Ask();
  loop_.Advance(absl::Seconds(1));
  EXPECT_EQ(hasty.ends, 1);
}

TEST_F(FlightPatienceTest, AReaderAloneLeavesTheTimeToItsAttempts) {
  Listener hasty, as_hasty;
  Start(hasty, {.first_token_ms = 1000});
  Join(as_hasty, {.first_token_ms = 1000});
  Ask();
  loop_.Advance(absl::Seconds(5));
  EXPECT_EQ(hasty.ends + as_hasty.ends, 0) << "an attempt may follow";
}

TEST_F(FlightPatienceTest, AReaderWithAFallbackLeavesToIt) {
  Listener patient, hasty;
  Start(patient, {});
  Ask();
  Join(hasty, {.first_token_ms = 1000, .fallback = "gpt-4.1"});
  loop_.Advance(absl::Seconds(1));
  EXPECT_EQ(hasty.ends, 0);
  ASSERT_EQ(upstream_.calls.size(), 2u);
  EXPECT_EQ(ReasonOf(upstream_.calls[1].request.first_failure),
            Reason::kFirstTokenTimeout);
  upstream_.calls[1].Say("elsewhere");
  upstream_.calls[1].End(Ending());
  ASSERT_TRUE(hasty.ok());
  EXPECT_THAT(hasty.chunks, ElementsAre("elsewhere"));
  EXPECT_EQ((*hasty.result)->cache_info().outcome(), pb::CacheInfo::MISS);
  EXPECT_EQ(patient.ends, 0);
}

TEST_F(FlightPatienceTest, AReaderThatHasLeftDoesNotKeepTheFlight) {
  Listener patient, hasty;
  Start(patient, {.fallback = "gpt-4.1"});
  Ask();
  Join(hasty, {.first_token_ms = 1000, .fallback = "gpt-4.1"});
  flight_.reset();
  patient.call.reset();
  EXPECT_FALSE(Upstream().dropped);
  loop_.Advance(absl::Seconds(1));
  EXPECT_TRUE(Upstream().dropped);
  EXPECT_FALSE(upstream_.calls[1].dropped);
  hasty.call.reset();
  EXPECT_EQ(upstream_.open(), 0u);
  EXPECT_EQ(loop_.pending(), 0u);
}

TEST_F(FlightPatienceTest, AReaderThatIsIdleForTooLongLeavesAlone) {
  Listener patient, hasty;
  Start(patient, {});
  Join(hasty, {.idle_ms = 1000, .fallback = "gpt-4.1"});
  Ask();
  loop_.Advance(absl::Seconds(5));
  Upstream().Say("a");
  loop_.Advance(absl::Milliseconds(900));
  Upstream().Say("b");
  loop_.Advance(absl::Milliseconds(999));
  EXPECT_EQ(hasty.ends, 0);
  loop_.Advance(absl::Milliseconds(1));
  ASSERT_EQ(hasty.ends, 1);
  EXPECT_EQ(ReasonOf(hasty.status()), Reason::kIdleTimeout);
  EXPECT_THAT(hasty.chunks, ElementsAre("a", "b"));
  EXPECT_EQ(patient.ends, 0);
}

TEST_F(FlightPatienceTest, AReaderThatDoesNotQueueSoLongLeavesAlone) {
  Listener patient, hasty;
  Start(patient, {});
  Join(hasty, {.queue_ms = 1000});
  loop_.Advance(absl::Seconds(1));
  ASSERT_EQ(hasty.ends, 1);
  EXPECT_EQ(ReasonOf(hasty.status()), Reason::kRateLimitedLocal);
  EXPECT_EQ(patient.ends, 0);
}

TEST_F(FlightPatienceTest, WhoQueuesNoMoreWhenTheLimitsLetItGoStays) {
  Listener patient, hasty;
  Start(patient, {});
  Join(hasty, {.queue_ms = 1000});
  loop_.Advance(absl::Milliseconds(999));
  Ask();
  loop_.Advance(absl::Seconds(5));
  EXPECT_EQ(hasty.ends, 0);
}

TEST_F(FlightPatienceTest, AReaderOfAHigherPriorityRaisesAFlightThatWaits) {
  RequestSpec batch, interactive;
  batch.caller = "batch";
  batch.priority = Priority::kBatch;
  interactive.caller = "person";
  Listener item, person;
  const ChatRequest request = MakeRequest(batch);
  flight_ = StartFlight(loop_, upstream_, request, nullptr);
  item.call = flight_->Join(again_, request, item);
  person.call = flight_->Join(again_, MakeRequest(interactive), person);
  ASSERT_EQ(upstream_.calls.size(), 2u);
  EXPECT_TRUE(upstream_.calls[0].dropped);
  EXPECT_EQ(upstream_.calls[1].request.priority, Priority::kInteractive);
  EXPECT_EQ(upstream_.calls[1].request.caller->name, "person");
  upstream_.calls[1].Say("hello");
  upstream_.calls[1].End(Ending());
  EXPECT_EQ((*person.result)->cache_info().outcome(), pb::CacheInfo::MISS)
      << "pays for what its limits have let go";
  EXPECT_EQ((*item.result)->cache_info().outcome(), pb::CacheInfo::JOINED);
  EXPECT_EQ((*item.result)->cost().total(), "0");
}

TEST_F(FlightPatienceTest, AFlightThatHasGoneIsNotStartedAgain) {
  RequestSpec batch;
  batch.priority = Priority::kBatch;
  Listener item, person;
  const ChatRequest request = MakeRequest(batch);
  flight_ = StartFlight(loop_, upstream_, request, nullptr);
  item.call = flight_->Join(again_, request, item);
  Ask();
  Join(person, {});
  EXPECT_EQ(upstream_.calls.size(), 1u);
}

TEST_F(FlightPatienceTest, ABatchDoesNotLowerAFlightThatWaits) {
  RequestSpec batch;
  batch.priority = Priority::kBatch;
  Listener person, item;
  Start(person, {});
  item.call = flight_->Join(again_, MakeRequest(batch), item);
  EXPECT_EQ(upstream_.calls.size(), 1u);
}

}  // namespace
}  // namespace holysheep
