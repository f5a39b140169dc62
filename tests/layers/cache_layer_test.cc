#include "layers/cache_layer.h"

#include "gmock/gmock.h"
#include "layers/cache_layer_fixture.h"

namespace holysheep {
namespace {

using ::testing::ElementsAre;
using Mode = pb::CacheControl;
using CachingTest = CachingFixture;

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

TEST_F(CachingTest, Promise03AHitHasTheWordsOfTheOriginalInOnePiece) {
  Listener first;
  Start(first);
  for (const char* text : {"he", "l", "", "lo"}) upstream_->calls[0].Say(text);
  upstream_->calls[0].End(Ending());
  Listener second;
  Start(second);
  loop_.Advance();
  EXPECT_THAT(second.chunks, ElementsAre("hello"));
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
  holysheep::Answer fast;
  ASSERT_TRUE(AnswerFromStore(store_, MakeRequest(), loop_.Now(), fast));
  EXPECT_EQ(ToResponse(fast).SerializeAsString(),
            through_layer.SerializeAsString());
}

TEST_F(CachingTest, TheFastPathObeysTheModes) {
  Fill();
  holysheep::Answer answer;
  const absl::Time now = loop_.Now();
  EXPECT_FALSE(AnswerFromStore(store_, WithMode(Mode::BYPASS), now, answer));
  EXPECT_FALSE(AnswerFromStore(store_, WithMode(Mode::REFRESH), now, answer));
  EXPECT_TRUE(
      AnswerFromStore(store_, WithMode(Mode::ONLY_IF_CACHED), now, answer));
  EXPECT_FALSE(
      AnswerFromStore(store_, MakeRequest(), now + options_.ttl, answer));
}

TEST_F(CachingTest, Promise01AnEqualDigestOfAnotherRequestIsNoHit) {
  Fill();
  ChatRequest other = MakeRequest();
  other.key.material = std::make_shared<const std::string>("another request");
  Listener listener;
  Start(listener, other);
  EXPECT_EQ(upstream_->calls.size(), 2u);
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
    holysheep::Answer ending = Ending(c.reason);
    ending.response.set_fallback_used(c.fallback);
    upstream_->calls.back().Say("hello");
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
  loop_.Advance(options_.ttl);
  Listener refreshing, joining, later;
  Start(refreshing, WithMode(Mode::REFRESH));
  ASSERT_EQ(upstream_->calls.size(), 2u);
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

TEST_F(CachingTest, CountsEachUseAsSoonAsItIsDecided) {
  Listener leader, follower, hit;
  Start(leader);
  Start(follower);
  EXPECT_EQ(store_.GetStats().misses, 1);
  EXPECT_EQ(store_.GetStats().joins, 1);
  Answer(0);
  Start(hit);
  EXPECT_EQ(store_.GetStats().hits, 1);
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
