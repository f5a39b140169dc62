#include "chat/caching.h"

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/fake_backend.h"
#include "support/fake_event_loop.h"
#include "support/listener.h"
#include "support/requests.h"

namespace holysheep {
namespace {

using ::testing::ElementsAre;
using Mode = pb::CacheControl;

ChatRequest WithMode(Mode::Mode mode) {
  RequestSpec spec;
  spec.message.mutable_cache()->set_mode(mode);
  return MakeRequest(spec);
}

class CachingTest : public ::testing::Test {
 protected:
  CachingTest() {
    auto fake = std::make_unique<FakeBackend>();
    upstream_ = fake.get();
    cache_ = Cache(loop_, store_, options_, std::move(fake));
  }

  void Start(Listener& listener, const ChatRequest& request = MakeRequest()) {
    listener.call = cache_->Start(request, listener);
  }
  void Answer(size_t call, absl::string_view text = "hello") {
    upstream_->calls[call].Say(text);
    upstream_->calls[call].End(Ending());
  }
  void Fail(size_t call, Reason reason = Reason::kUpstream5xx) {
    upstream_->calls[call].End(MakeError(reason, "failed"));
  }
  // Puts an answer into the cache.
  void Fill(const ChatRequest& request = MakeRequest()) {
    Listener listener;
    Start(listener, request);
    Answer(upstream_->calls.size() - 1);
  }
  static pb::CacheInfo::Outcome OutcomeOf(const Listener& listener) {
    return (*listener.result)->cache_info().outcome();
  }

  FakeEventLoop loop_;
  CacheOptions options_;
  AnswerStore store_{options_};
  FakeBackend* upstream_;
  std::unique_ptr<ChatBackend> cache_;
};

TEST_F(CachingTest, AnswersASecondTimeFromTheStore) {
  Fill();
  Listener second;
  Start(second);
  EXPECT_EQ(second.ends, 0) << "answered before Start returned";
  loop_.Advance();
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second.answer.result(), "hello");
  EXPECT_TRUE((*second.result)->cached());
  EXPECT_EQ(OutcomeOf(second), pb::CacheInfo::HIT);
  EXPECT_EQ(upstream_->calls.size(), 1u);
}

TEST_F(CachingTest, Promise03AHitHasTheChunksOfTheOriginal) {
  Listener first;
  Start(first);
  for (const char* text : {"he", "l", "", "lo"}) upstream_->calls[0].Say(text);
  upstream_->calls[0].End(Ending());
  Listener second;
  Start(second);
  loop_.Advance();
  EXPECT_THAT(second.chunks, ElementsAre("he", "l", "", "lo"));
  ASSERT_TRUE(second.started.has_value());
  EXPECT_TRUE(second.started->cached());
}

TEST_F(CachingTest, Promise03AHitLosesNothingButThePrice) {
  Listener first, second;
  Start(first);
  pb::InvokeEvent event;
  event.set_reasoning("because");
  upstream_->calls[0].observer->OnDelta(event);
  pb::ToolCallDelta& tool = *event.mutable_tool_call();
  tool.set_id("call-1");
  tool.set_name("look_up");
  tool.set_arguments_fragment("{\"a\":");
  upstream_->calls[0].observer->OnDelta(event);
  tool.clear_id();
  tool.clear_name();
  tool.set_arguments_fragment("1}");
  upstream_->calls[0].observer->OnDelta(event);
  upstream_->calls[0].End(Ending(pb::InvokeResponse::TOOL_CALLS));

  Start(second);
  loop_.Advance();
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second.answer.SerializeAsString(),
            first.answer.SerializeAsString());
  EXPECT_EQ(second.answer.tool_calls(0).arguments_json(), "{\"a\":1}");
  const pb::InvokeResponse& ending = **second.result;
  EXPECT_EQ(ending.finish_reason(), pb::InvokeResponse::TOOL_CALLS);
  EXPECT_EQ(ending.usage().total_tokens(), 30);
  EXPECT_EQ(ending.tokens_used(), 30);
  EXPECT_EQ(ending.attempts(), 0);
  EXPECT_EQ(ending.cost().total(), "0");
  EXPECT_EQ(ending.cost().saved(), "0.000084");
}

TEST_F(CachingTest, TheFastPathGivesTheSameAnswerAsTheLayer) {
  Fill();
  Listener hit;
  Start(hit);
  loop_.Advance();
  pb::InvokeResponse through_layer = hit.answer;
  through_layer.MergeFrom(**hit.result);
  pb::InvokeResponse fast;
  ASSERT_TRUE(AnswerFromStore(store_, MakeRequest(), loop_.Now(), fast));
  EXPECT_EQ(fast.SerializeAsString(), through_layer.SerializeAsString());
}

TEST_F(CachingTest, TheFastPathObeysTheModes) {
  Fill();
  pb::InvokeResponse response;
  const absl::Time now = loop_.Now();
  EXPECT_FALSE(AnswerFromStore(store_, WithMode(Mode::BYPASS), now, response));
  EXPECT_FALSE(AnswerFromStore(store_, WithMode(Mode::REFRESH), now, response));
  EXPECT_TRUE(
      AnswerFromStore(store_, WithMode(Mode::ONLY_IF_CACHED), now, response));
  EXPECT_FALSE(
      AnswerFromStore(store_, MakeRequest(), now + options_.ttl, response));
}

TEST_F(CachingTest, Promise01AnEqualDigestOfAnotherRequestIsNoHit) {
  Fill();
  ChatRequest other = MakeRequest();
  other.key.material = std::make_shared<const std::string>("another request");
  Listener listener;
  Start(listener, other);
  EXPECT_EQ(upstream_->calls.size(), 2u);
}

TEST_F(CachingTest, Promise04JoinsIdenticalCallsUnderWay) {
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

TEST_F(CachingTest, AFollowerHearsEachPieceOnceHoweverItsTurnsFall) {
  Listener leader, follower;
  Start(leader);
  upstream_->calls[0].Say("a");
  Start(follower);
  upstream_->calls[0].Say("b");  // Before the follower's own first turn.
  loop_.Advance();
  upstream_->calls[0].Say("c");
  EXPECT_THAT(follower.chunks, ElementsAre("a", "b", "c"));
}

TEST_F(CachingTest, Promise04TheLeaderMayLeaveAndTheFlightGoesOn) {
  Listener leader, follower;
  Start(leader);
  Start(follower);
  leader.call.reset();
  EXPECT_EQ(upstream_->open(), 1u);
  Answer(0);
  EXPECT_TRUE(follower.ok());
}

TEST_F(CachingTest, Promise04TheLastToLeaveEndsTheFlight) {
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

TEST_F(CachingTest, Promise04ThereIsNoInstantBetweenTheFlightAndTheStore) {
  // A caller who asks again from inside the end of the flight finds its store.
  struct Again final : ChatObserver {
    void OnDelta(const pb::InvokeEvent&) override {}
    void OnDone(absl::StatusOr<pb::InvokeResponse>) override {
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

TEST_F(CachingTest, AJoinedFlightMayLastAsLongAsItsMostPatientReader) {
  Listener leader, follower;
  RequestSpec spec;
  spec.deadline = loop_.Now() + absl::Seconds(1);
  Start(leader, MakeRequest(spec));
  spec.deadline = loop_.Now() + absl::Seconds(9);
  Start(follower, MakeRequest(spec));
  EXPECT_EQ(upstream_->calls[0].request.deadline->at,
            loop_.Now() + absl::Seconds(9));
}

TEST_F(CachingTest, AnErrorReachesEveryReaderAndIsNotKept) {
  Listener leader, follower;
  Start(leader);
  Start(follower);
  Fail(0);
  EXPECT_EQ(ReasonOf(leader.status()), Reason::kUpstream5xx);
  EXPECT_EQ(ReasonOf(follower.status()), Reason::kUpstream5xx);
  EXPECT_EQ(store_.GetStats().entries, 0);
}

TEST_F(CachingTest, Promise02OnlyWholeAnswersAreKept) {
  using Response = pb::InvokeResponse;
  const struct {
    Response::FinishReason reason;
    bool fallback;
    bool kept;
  } kCases[] = {
      {Response::STOP, false, true},
      {Response::LENGTH, false, true},
      {Response::TOOL_CALLS, false, true},
      {Response::CONTENT_FILTER, false, false},
      {Response::OTHER, false, false},
      {Response::FINISH_REASON_UNSPECIFIED, false, false},
      {Response::STOP, true, false},
  };
  for (const auto& c : kCases) {
    Listener listener;
    Start(listener);
    pb::InvokeResponse ending = Ending(c.reason);
    ending.set_fallback_used(c.fallback);
    upstream_->calls.back().End(ending);
    EXPECT_EQ(store_.GetStats().entries, c.kept ? 1 : 0)
        << Response::FinishReason_Name(c.reason) << c.fallback;
    store_.PurgeAll();
  }
}

TEST_F(CachingTest, Promise02BypassNeitherReadsNorJoinsNorStores) {
  Fill();
  Listener bypassing, joining;
  Start(bypassing, WithMode(Mode::BYPASS));
  EXPECT_EQ(upstream_->calls.size(), 2u);
  store_.PurgeAll();
  Start(joining);
  EXPECT_EQ(upstream_->calls.size(), 3u) << "joined a bypassing call";
  Answer(1);
  EXPECT_EQ(OutcomeOf(bypassing), pb::CacheInfo::BYPASSED);
  EXPECT_EQ(store_.GetStats().entries, 0);
}

TEST_F(CachingTest, Promise02RefreshDoesNotReadButStoresAndMayBeJoined) {
  Fill();
  Listener refreshing, joining, later;
  Start(refreshing, WithMode(Mode::REFRESH));
  ASSERT_EQ(upstream_->calls.size(), 2u);
  store_.PurgeAll();
  Start(joining);
  EXPECT_EQ(upstream_->calls.size(), 2u);
  Answer(1, "new");
  EXPECT_EQ(joining.answer.result(), "new");
  Start(later);
  loop_.Advance();
  EXPECT_EQ(later.answer.result(), "new");
}

TEST_F(CachingTest, Promise02OnlyIfCachedAnswersNotFoundOnAMiss) {
  Listener listener;
  Start(listener, WithMode(Mode::ONLY_IF_CACHED));
  loop_.Advance();
  EXPECT_EQ(ReasonOf(listener.status()), Reason::kCacheMiss);
  EXPECT_EQ(upstream_->calls.size(), 0u);
  Fill();
  Listener hit;
  Start(hit, WithMode(Mode::ONLY_IF_CACHED));
  loop_.Advance();
  EXPECT_TRUE(hit.ok());
}

TEST_F(CachingTest, AnAnswerExpiresAfterTheRequestsOwnTtl) {
  RequestSpec spec;
  spec.message.mutable_cache()->set_ttl_seconds(5);
  Fill(MakeRequest(spec));
  loop_.Advance(absl::Seconds(5) - absl::Milliseconds(1));
  Listener fresh, expired;
  Start(fresh);
  loop_.Advance();
  EXPECT_TRUE(fresh.ok());
  EXPECT_EQ((*fresh.result)->cache_info().age_ms(), 4999);
  loop_.Advance(absl::Milliseconds(1));
  Start(expired);
  EXPECT_EQ(upstream_->calls.size(), 2u);
}

TEST_F(CachingTest, Promise05AnExpiredAnswerStandsInWhenTheUpstreamIsDown) {
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

TEST_F(CachingTest, Promise05StaleAgeCountsFromTheExpiry) {
  options_.stale_if_error = absl::Seconds(60);
  Fill();
  loop_.Advance(options_.ttl + absl::Seconds(60) + absl::Milliseconds(1));
  Listener listener;
  Start(listener);
  Fail(1);
  EXPECT_EQ(ReasonOf(listener.status()), Reason::kUpstream5xx);
}

TEST_F(CachingTest, AnExpiredAnswerHidesNoErrorOfTheCallersOwn) {
  options_.stale_if_error = absl::Seconds(60);
  Fill();
  loop_.Advance(options_.ttl);
  Listener listener;
  Start(listener);
  Fail(1, Reason::kContentFilter);
  EXPECT_EQ(ReasonOf(listener.status()), Reason::kContentFilter);
}

TEST_F(CachingTest, AnExpiredAnswerDoesNotFollowHalfOfAnother) {
  options_.stale_if_error = absl::Seconds(60);
  Fill();
  loop_.Advance(options_.ttl);
  Listener listener;
  Start(listener);
  upstream_->calls[1].Say("hal");
  Fail(1, Reason::kStreamTruncated);
  EXPECT_EQ(ReasonOf(listener.status()), Reason::kStreamTruncated);
}

TEST_F(CachingTest, WithTheCacheOffCallsPassThrough) {
  options_.enabled = false;
  Listener a, b, cached;
  Start(a);
  Start(b);
  EXPECT_EQ(upstream_->calls.size(), 2u);
  Answer(0);
  EXPECT_EQ(OutcomeOf(a), pb::CacheInfo::BYPASSED);
  Start(cached, WithMode(Mode::ONLY_IF_CACHED));
  loop_.Advance();
  EXPECT_EQ(ReasonOf(cached.status()), Reason::kCacheMiss);
}

TEST_F(CachingTest, PurgesByModelAndNamespace) {
  RequestSpec spec;
  Fill(MakeRequest(spec));
  spec.model = "gpt-4.1";
  Fill(MakeRequest(spec));
  spec.message.mutable_cache()->set_namespace_("team");
  Fill(MakeRequest(spec));
  EXPECT_EQ(store_.PurgeNamespace("team"), 1);
  EXPECT_EQ(store_.PurgeModel("gpt-4.1"), 1);
  EXPECT_EQ(store_.PurgeModel("gpt-4.1"), 0);
  EXPECT_EQ(store_.PurgeAll(), 1);
}

}  // namespace
}  // namespace holysheep
