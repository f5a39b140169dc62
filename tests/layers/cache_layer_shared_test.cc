#include "gmock/gmock.h"
#include "layers/cache_layer_fixture.h"

namespace holysheep {
namespace {

using ::testing::ElementsAre;
using Mode = pb::CacheControl;

// Answers for several at once, and expired ones that stand in for errors.
using CachingSharedTest = CachingFixture;

TEST_F(CachingSharedTest, Promise04JoinsIdenticalCallsUnderWay) {
  Listener leader, follower;
  Start(leader);
  upstream_->calls[0].Say("hel");
  Start(follower);
  EXPECT_TRUE(follower.chunks.empty()) << "told before Start returned";
  loop_.Advance();
  EXPECT_THAT(follower.chunks, ElementsAre("hel"));
  upstream_->calls[0].Say("lo");
  upstream_->calls[0].End(Ending());
  EXPECT_THAT(follower.chunks, ElementsAre("hel", "lo"));
  EXPECT_EQ(upstream_->calls.size(), 1u);
  EXPECT_EQ(OutcomeOf(leader), pb::CacheInfo::MISS);
  EXPECT_EQ(OutcomeOf(follower), pb::CacheInfo::JOINED);
  EXPECT_EQ((*follower.result)->cost().total(), "0");
  EXPECT_EQ((*follower.result)->attempts(), 0);
  EXPECT_EQ((*leader.result)->cost().total(), "0.0000126");
}

TEST_F(CachingSharedTest, AFollowerHearsEachPieceOnceHoweverItsTurnsFall) {
  Listener leader, follower;
  Start(leader);
  upstream_->calls[0].Say("a");
  Start(follower);
  upstream_->calls[0].Say("b");  // Before the follower's own first turn.
  loop_.Advance();
  upstream_->calls[0].Say("c");
  EXPECT_THAT(follower.chunks, ElementsAre("ab", "c"));
}

TEST_F(CachingSharedTest, Promise04TheLeaderMayLeaveAndTheFlightGoesOn) {
  Listener leader, follower;
  Start(leader);
  Start(follower);
  leader.call.reset();
  EXPECT_EQ(upstream_->open(), 1u);
  Answer(0);
  EXPECT_TRUE(follower.ok());
}

TEST_F(CachingSharedTest, Promise04TheLastToLeaveEndsTheFlight) {
  Listener leader, follower;
  Start(leader);
  Start(follower);
  leader.call.reset();
  follower.call.reset();
  EXPECT_EQ(upstream_->open(), 0u);
  Listener next;
  Start(next);
  EXPECT_EQ(upstream_->calls.size(), 2u);
}

TEST_F(CachingSharedTest,
       Promise04ThereIsNoInstantBetweenTheFlightAndTheStore) {
  // A caller who asks again from inside the end of the flight finds its store.
  struct Again final : ChatObserver {
    void OnDelta(const pb::InvokeEvent&) override {}
    void OnDone(absl::StatusOr<holysheep::Answer>) override {
      again.call = cache->Start(MakeRequest(), again);
    }
    ChatBackend* cache;
    Listener again;
  } observer;
  observer.cache = cache_.get();
  const auto call = cache_->Start(MakeRequest(), observer);
  Answer(0);
  loop_.Advance();
  ASSERT_TRUE(observer.again.ok());
  EXPECT_EQ(OutcomeOf(observer.again), pb::CacheInfo::HIT);
  EXPECT_EQ(upstream_->calls.size(), 1u);
}

TEST_F(CachingSharedTest, AJoinedFlightMayLastAsLongAsItsMostPatientReader) {
  Listener leader, follower;
  RequestSpec spec;
  spec.deadline = loop_.Now() + absl::Seconds(1);
  Start(leader, MakeRequest(spec));
  spec.deadline = loop_.Now() + absl::Seconds(9);
  Start(follower, MakeRequest(spec));
  EXPECT_EQ(upstream_->calls[0].request.deadline->at,
            loop_.Now() + absl::Seconds(9));
}

TEST_F(CachingSharedTest, AnErrorReachesEveryReaderAndIsNotKept) {
  Listener leader, follower;
  Start(leader);
  Start(follower);
  Fail(0);
  EXPECT_EQ(ReasonOf(leader.status()), Reason::kUpstream5xx);
  EXPECT_EQ(ReasonOf(follower.status()), Reason::kUpstream5xx);
  EXPECT_EQ(store_.GetStats().entries, 0);
}

TEST_F(CachingSharedTest,
       Promise05AnExpiredAnswerStandsInWhenTheUpstreamIsDown) {
  options_.stale_if_error = absl::Seconds(60);
  Fill();
  loop_.Advance(options_.ttl + absl::Seconds(60));
  Listener listener;
  Start(listener);
  Fail(1);
  ASSERT_TRUE(listener.ok());
  EXPECT_EQ(listener.answer.result(), "hello");
  EXPECT_EQ(OutcomeOf(listener), pb::CacheInfo::STALE);
  EXPECT_TRUE((*listener.result)->cached());
  EXPECT_EQ((*listener.result)->cost().total(), "0");
}

TEST_F(CachingSharedTest, Promise02RefreshDoesNotReadAnExpiredAnswerEither) {
  options_.stale_if_error = absl::Seconds(60);
  Fill();
  loop_.Advance(options_.ttl);
  Listener refreshing;
  Start(refreshing, WithMode(Mode::REFRESH));
  Fail(1);
  EXPECT_EQ(ReasonOf(refreshing.status()), Reason::kUpstream5xx);
}

TEST_F(CachingSharedTest, Promise05WhoeverJoinsARefreshKeepsTheExpiredAnswer) {
  options_.stale_if_error = absl::Seconds(60);
  Fill();
  loop_.Advance(options_.ttl);
  Listener refreshing, follower;
  Start(refreshing, WithMode(Mode::REFRESH));
  Start(follower);
  Fail(1);
  EXPECT_EQ(ReasonOf(refreshing.status()), Reason::kUpstream5xx);
  EXPECT_EQ(OutcomeOf(follower), pb::CacheInfo::STALE);
}

TEST_F(CachingSharedTest, WhoNamesNoFallbackModelJoinsNobodyWhoDoes) {
  RequestSpec spec;
  spec.message.add_fallback_models("gpt-4.1");
  const ChatRequest falling_back = MakeRequest(spec);
  Listener leader, of_its_kind, strict, joining;
  Start(leader, falling_back);
  Start(of_its_kind, falling_back);
  EXPECT_EQ(upstream_->calls.size(), 1u);
  Start(strict);
  ASSERT_EQ(upstream_->calls.size(), 2u);
  Start(joining, falling_back);
  EXPECT_EQ(upstream_->calls.size(), 2u)
      << "what is not fallen back is for all";
  Answer(0, "another model's");
  Answer(1, "its own");
  EXPECT_EQ(of_its_kind.answer.result(), "another model's");
  EXPECT_EQ(strict.answer.result(), "its own");
  EXPECT_EQ(joining.answer.result(), "its own");
}

TEST_F(CachingSharedTest, Promise05StaleAgeCountsFromTheExpiry) {
  options_.stale_if_error = absl::Seconds(60);
  Fill();
  loop_.Advance(options_.ttl + absl::Seconds(60) + absl::Milliseconds(1));
  Listener listener;
  Start(listener);
  Fail(1);
  EXPECT_EQ(ReasonOf(listener.status()), Reason::kUpstream5xx);
}

TEST_F(CachingSharedTest, AnExpiredAnswerHidesNoErrorOfTheCallersOwn) {
  options_.stale_if_error = absl::Seconds(60);
  Fill();
  loop_.Advance(options_.ttl);
  Listener listener;
  Start(listener);
  Fail(1, Reason::kContentFilter);
  EXPECT_EQ(ReasonOf(listener.status()), Reason::kContentFilter);
}

TEST_F(CachingSharedTest, AnExpiredAnswerDoesNotFollowHalfOfAnother) {
  options_.stale_if_error = absl::Seconds(60);
  Fill();
  loop_.Advance(options_.ttl);
  Listener listener;
  Start(listener);
  upstream_->calls[1].Say("hal");
  Fail(1, Reason::kStreamTruncated);
  EXPECT_EQ(ReasonOf(listener.status()), Reason::kStreamTruncated);
}

}  // namespace
}  // namespace holysheep
