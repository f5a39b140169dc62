#include "layers/cache_layer_fixture.h"

namespace holysheep {
namespace {

using Mode = pb::CacheControl;

// What a purge or a REFRESH leaves behind while it is under way, and how long
// an answer is kept.
class CachingPurgeTest : public CachingFixture {
 protected:
  static ChatRequest InNamespace(const std::string& name) {
    RequestSpec spec;
    spec.message.mutable_cache()->set_namespace_(name);
    return MakeRequest(spec);
  }
  static ChatRequest ForSeconds(int seconds) {
    RequestSpec spec;
    spec.message.mutable_cache()->set_ttl_seconds(seconds);
    return MakeRequest(spec);
  }
  static ChatRequest FallingBack(Mode::Mode mode = Mode::DEFAULT) {
    RequestSpec spec;
    spec.message.add_fallback_models("gpt-4.1");
    spec.message.mutable_cache()->set_mode(mode);
    return MakeRequest(spec);
  }
  // Whether `request` is answered without a call of its own.
  bool IsKept(const ChatRequest& request = MakeRequest()) {
    const size_t before = upstream_->calls.size();
    Listener listener;
    Start(listener, request);
    loop_.Advance();
    return upstream_->calls.size() == before;
  }
};

TEST_F(CachingPurgeTest, WhatWasUnderWayAtAPurgeIsNotKept) {
  Listener leader;
  Start(leader);
  store_.PurgeAll();
  Answer(0);
  EXPECT_TRUE(leader.ok());
  EXPECT_EQ(store_.GetStats().entries, 0);
  EXPECT_FALSE(IsKept());
}

TEST_F(CachingPurgeTest, NobodyWhoAsksAfterAPurgeJoinsWhatBeganBeforeIt) {
  Listener before, after, later;
  Start(before);
  store_.PurgeModel("deepseek-v3.2");
  Start(after);
  ASSERT_EQ(upstream_->calls.size(), 2u);
  Start(later);
  EXPECT_EQ(upstream_->calls.size(), 2u) << "joins what began after it";
  Answer(1, "new");
  Answer(0, "old");
  EXPECT_EQ(later.answer.result(), "new");
  EXPECT_EQ(before.answer.result(), "old");
  Listener hit;
  Start(hit);
  loop_.Advance();
  EXPECT_EQ(hit.answer.result(), "new");
}

TEST_F(CachingPurgeTest, WhatWasPurgedIsNotGivenAsStale) {
  options_.stale_if_error = absl::Seconds(60);
  Fill();
  loop_.Advance(options_.ttl);
  Listener listener;
  Start(listener);
  store_.PurgeAll();
  Fail(1);
  EXPECT_EQ(ReasonOf(listener.status()), Reason::kUpstream5xx);
}

TEST_F(CachingPurgeTest, APurgeReachesOnlyWhatItNames) {
  Listener one, other;
  Start(one, InNamespace("one"));
  Start(other, InNamespace("other"));
  store_.PurgeNamespace("one");
  store_.PurgeModel("gpt-4.1");
  Answer(0);
  Answer(1);
  EXPECT_FALSE(IsKept(InNamespace("one")));
  EXPECT_TRUE(IsKept(InNamespace("other")));
}

TEST_F(CachingPurgeTest, RefreshJoinsNothingThatBeganBeforeIt) {
  Listener leader, refreshing, again;
  Start(leader);
  Start(refreshing, WithMode(Mode::REFRESH));
  EXPECT_EQ(upstream_->calls.size(), 2u);
  Start(again, WithMode(Mode::REFRESH));
  EXPECT_EQ(upstream_->calls.size(), 3u);
  Answer(1, "new");
  EXPECT_EQ(refreshing.answer.result(), "new");
  EXPECT_EQ(OutcomeOf(refreshing), pb::CacheInfo::MISS);
}

TEST_F(CachingPurgeTest, WhoComesAfterARefreshJoinsItAndNotTheOlderOne) {
  Listener older, refreshing, later;
  Start(older);
  Start(refreshing, WithMode(Mode::REFRESH));
  Start(later);
  ASSERT_EQ(upstream_->calls.size(), 2u);
  Answer(0, "old");
  EXPECT_EQ(store_.GetStats().entries, 0) << "an older answer is not kept";
  Answer(1, "new");
  EXPECT_EQ(later.answer.result(), "new");
  EXPECT_EQ(OutcomeOf(later), pb::CacheInfo::JOINED);
}

TEST_F(CachingPurgeTest, AnOlderAnswerDoesNotReplaceARefreshedOne) {
  Listener older, refreshing, hit;
  Start(older);
  Start(refreshing, WithMode(Mode::REFRESH));
  Answer(1, "new");
  Answer(0, "old");
  Start(hit);
  loop_.Advance();
  EXPECT_EQ(hit.answer.result(), "new");
}

TEST_F(CachingPurgeTest, WhoCannotJoinARefreshJoinsNothingOlderEither) {
  Listener older, refreshing, strict, falling_back;
  Start(older);
  Start(refreshing, FallingBack(Mode::REFRESH));
  Start(falling_back, FallingBack());
  EXPECT_EQ(upstream_->calls.size(), 2u);
  Start(strict);
  EXPECT_EQ(upstream_->calls.size(), 3u);
}

TEST_F(CachingPurgeTest, ARefreshThatFailedLeavesTheOlderOneBehind) {
  Listener older, refreshing, later;
  Start(older);
  Start(refreshing, WithMode(Mode::REFRESH));
  Fail(1);
  Start(later);
  EXPECT_EQ(upstream_->calls.size(), 3u);
}

TEST_F(CachingPurgeTest, AnAnswerIsKeptForTheLongestTimeThatAReaderWants) {
  Listener brief, lasting;
  Start(brief, ForSeconds(10));
  Start(lasting, ForSeconds(1000));
  lasting.call.reset();
  Answer(0);
  loop_.Advance(absl::Seconds(999));
  EXPECT_TRUE(IsKept());
  loop_.Advance(absl::Seconds(1));
  EXPECT_FALSE(IsKept());
}

TEST_F(CachingPurgeTest, TheConfiguredTimeCountsWhereAReaderNamesNone) {
  Listener brief, unset;
  Start(brief, ForSeconds(10));
  Start(unset);
  Answer(0);
  loop_.Advance(options_.ttl - absl::Seconds(1));
  EXPECT_TRUE(IsKept());
}

}  // namespace
}  // namespace holysheep
