#include "layers/cache/flight.h"

#include <functional>

#include "base/errors.h"
#include "chat/first_answer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/fake_backend.h"
#include "support/fake_event_loop.h"
#include "support/listener.h"
#include "support/requests.h"

namespace holysheep {
namespace {

using ::testing::ElementsAre;

// Does something of the test's when it hears something.
struct Reacting final : ChatObserver {
  void OnDelta(const pb::InvokeEvent& delta) override {
    chunks.push_back(delta.text());
    if (on_delta) on_delta();
  }
  void OnDone(absl::StatusOr<Answer>) override {
    ++ends;
    if (on_done) on_done();
  }

  std::function<void()> on_delta;
  std::function<void()> on_done;
  std::vector<std::string> chunks;
  int ends = 0;
  std::unique_ptr<ChatCall> call;
};

class FlightTest : public ::testing::Test {
 protected:
  FlightTest() {
    flight_ = StartFlight(loop_, upstream_, MakeRequest(), Landed());
  }

  Flight::OnComplete Landed() {
    return [this](const Transcript&, const absl::StatusOr<Answer>* result) {
      ++landings_;
      died_ = result == nullptr;
    };
  }
  template <typename Observer>
  void Join(Observer& observer) {
    observer.call = flight_->Join(again_, MakeRequest(), observer);
  }
  FakeBackend::Call& Upstream() { return upstream_.calls[0]; }

  FakeEventLoop loop_;
  FakeBackend upstream_;
  // Where those start anew whom a failure does not concern.
  FakeBackend again_;
  int landings_ = 0;
  bool died_ = false;
  std::shared_ptr<Flight> flight_;
};

TEST_F(FlightTest, AReaderMayEndAnotherInsideItsOwnEnd) {
  Reacting first;
  Listener second, third;
  Join(first);
  Join(second);
  Join(third);
  flight_.reset();
  first.on_done = [&] {
    second.call.reset();
    first.call.reset();
  };
  Upstream().End(Ending());
  EXPECT_EQ(first.ends, 1);
  EXPECT_EQ(second.ends, 0) << "left before it was told";
  EXPECT_EQ(third.ends, 1);
  EXPECT_EQ(upstream_.open(), 0u);
}

TEST_F(FlightTest, AllReadersMayLeaveInsideTheFirstEnd) {
  Reacting first;
  Listener second;
  Join(first);
  Join(second);
  flight_.reset();
  first.on_done = [&] {
    first.call.reset();
    second.call.reset();
  };
  Upstream().End(MakeError(Reason::kUpstream5xx, "down"));
  EXPECT_EQ(landings_, 1);
  EXPECT_EQ(upstream_.open(), 0u);
}

TEST_F(FlightTest, Promise04TheLeaderMayLeaveInsideAnothersTurn) {
  Listener leader;
  Reacting follower;
  Join(leader);
  Join(follower);
  flight_.reset();
  follower.on_delta = [&] { leader.call.reset(); };
  Upstream().Say("a");
  Upstream().Say("b");
  EXPECT_THAT(leader.chunks, ElementsAre("a"));
  EXPECT_THAT(follower.chunks, ElementsAre("a", "b"));
  EXPECT_EQ(upstream_.open(), 1u);
  follower.call.reset();
  EXPECT_EQ(upstream_.open(), 0u);
}

TEST_F(FlightTest, AFollowerMayLeaveInsideTheLeadersTurn) {
  Reacting leader;
  Listener follower, last;
  Join(leader);
  Join(follower);
  Join(last);
  leader.on_delta = [&] { follower.call.reset(); };
  Upstream().Say("a");
  EXPECT_TRUE(follower.chunks.empty());
  EXPECT_THAT(last.chunks, ElementsAre("a"));
}

TEST_F(FlightTest, WhoeverJoinsInsideAnothersTurnHearsAllOfItOnce) {
  Reacting leader;
  Listener late;
  Join(leader);
  Upstream().Say("a");
  leader.on_delta = [&] {
    if (late.call == nullptr) Join(late);
  };
  Upstream().Say("b");
  loop_.Advance();
  Upstream().Say("c");
  EXPECT_THAT(late.chunks, ElementsAre("ab", "c"));
}

TEST_F(FlightTest, AReaderThatOutlivesTheEndHearsNothingMore) {
  Reacting reader;
  Upstream().Say("a");
  Join(reader);
  Upstream().End(Ending());
  EXPECT_THAT(reader.chunks, ElementsAre("a"));
  loop_.Advance();
  EXPECT_EQ(reader.chunks.size(), 1u);
  EXPECT_EQ(reader.ends, 1);
}

TEST_F(FlightTest, AFlightThatNobodyReadsAnyMoreDiesWithoutAnOutcome) {
  Listener reader;
  Join(reader);
  flight_.reset();
  reader.call.reset();
  EXPECT_EQ(landings_, 1);
  EXPECT_TRUE(died_);
  EXPECT_EQ(loop_.pending(), 0u);
}

TEST_F(FlightTest, AFlightLandsOnce) {
  Listener reader;
  Join(reader);
  flight_.reset();
  Upstream().End(Ending());
  EXPECT_EQ(landings_, 1);
  EXPECT_FALSE(died_);
}

TEST_F(FlightTest, OnlyTheLeaderPays) {
  Listener leader, follower;
  Join(leader);
  Join(follower);
  Answer ending = Ending();
  ending.response.set_attempts(2);
  Upstream().End(ending);
  ASSERT_TRUE(leader.ok());
  ASSERT_TRUE(follower.ok());
  EXPECT_EQ((*leader.result)->cost().total(), "0.0000126");
  EXPECT_EQ((*leader.result)->attempts(), 2);
  EXPECT_EQ((*follower.result)->cost().total(), "0");
  EXPECT_EQ((*follower.result)->cost().saved(), "0.000084");
  EXPECT_EQ((*follower.result)->attempts(), 0);
  EXPECT_EQ((*follower.result)->usage().total_tokens(), 30);
  EXPECT_FALSE((*follower.result)->cached());
}

TEST_F(FlightTest, WhoMightFareBetterThanTheLeaderStartsAnew) {
  RequestSpec once;
  once.message.set_max_attempts(1);
  flight_ = StartFlight(loop_, upstream_, MakeRequest(once), Landed());
  Listener leader, patient, hasty;
  leader.call = flight_->Join(again_, MakeRequest(once), leader);
  Join(patient);
  hasty.call = flight_->Join(again_, MakeRequest(once), hasty);
  upstream_.calls[1].End(MakeError(Reason::kUpstream5xx, "down"));
  EXPECT_EQ(leader.ends, 1);
  EXPECT_EQ(hasty.ends, 1);
  EXPECT_TRUE(upstream_.calls[1].dropped) << "its slot may be needed";
  ASSERT_EQ(again_.calls.size(), 1u);
  again_.calls[0].Say("well");
  again_.calls[0].End(Ending());
  EXPECT_TRUE(patient.ok());
  EXPECT_THAT(patient.chunks, ElementsAre("well"));
}

TEST_F(FlightTest, NobodyStartsAnewWhoHasHeardAPieceOfTheAnswer) {
  RequestSpec once;
  once.message.set_max_attempts(1);
  flight_ = StartFlight(loop_, upstream_, MakeRequest(once), Landed());
  Listener leader, patient;
  leader.call = flight_->Join(again_, MakeRequest(once), leader);
  Join(patient);
  upstream_.calls[1].Say("half");
  upstream_.calls[1].End(MakeError(Reason::kStreamTruncated, "cut"));
  EXPECT_EQ(patient.ends, 1);
  EXPECT_TRUE(again_.calls.empty());
}

TEST_F(FlightTest, LeavingEndsWhatWasStartedAnew) {
  RequestSpec once;
  once.message.set_max_attempts(1);
  flight_ = StartFlight(loop_, upstream_, MakeRequest(once), Landed());
  Listener leader, patient;
  leader.call = flight_->Join(again_, MakeRequest(once), leader);
  Join(patient);
  upstream_.calls[1].End(MakeError(Reason::kUpstream5xx, "down"));
  patient.call.reset();
  EXPECT_EQ(again_.open(), 0u);
  EXPECT_EQ(patient.ends, 0);
}

TEST_F(FlightTest, AnImpatientReaderDoesNotShortenTheDeadline) {
  Listener patient, hasty;
  Join(patient);
  RequestSpec spec;
  spec.deadline = loop_.Now();
  hasty.call = flight_->Join(again_, MakeRequest(spec), hasty);
  EXPECT_EQ(Upstream().request.deadline->at, absl::InfiniteFuture());
}

// The leader's repair was turned away: who joined goes on with it.
TEST_F(FlightTest, WhatTheLeaderHasBoughtIsFreeForWhoeverStartsAnew) {
  Listener leader, other;
  Join(leader);
  RequestSpec spec;
  spec.caller = "other";
  other.call = flight_->Join(again_, MakeRequest(spec), other);
  FirstAnswer bought;
  bought.repair = std::make_shared<const pb::InvokeRequest>();
  bought.ending = Ending();
  bought.ending.response.set_attempts(1);
  Upstream().request.unfinished->first =
      std::make_shared<const FirstAnswer>(bought);
  Upstream().End(MakeError(Reason::kQueueFull, "full"));
  ASSERT_EQ(again_.calls.size(), 1u);
  const auto& first = again_.calls[0].request.unfinished->first;
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->repair, bought.repair);
  EXPECT_EQ(ToResponse(first->ending).cost().total(), "0");
  EXPECT_EQ(first->ending.response.attempts(), 0);
  EXPECT_EQ(first->ending.response.usage().total_tokens(), 30);
}

}  // namespace
}  // namespace holysheep
