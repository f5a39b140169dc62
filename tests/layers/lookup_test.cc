#include "layers/cache/lookup.h"

#include <memory>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "layers/cache_layer.h"
#include "support/fake_backend.h"
#include "support/fake_event_loop.h"
#include "support/listener.h"
#include "support/requests.h"
#include "support/slow_answers.h"

namespace holysheep {
namespace {

using ::testing::ElementsAre;

// The cache over a store that is asked over a network, as it were.
class LookupTest : public ::testing::Test {
 protected:
  LookupTest() {
    auto fake = std::make_unique<FakeBackend>();
    upstream_ = fake.get();
    cache_ = CacheLayer(loop_, store_, options_, std::move(fake));
  }
  void Start(Listener& listener) {
    listener.call = cache_->Start(MakeRequest(), listener);
  }
  // Has the upstream answer one call, and the store keep it.
  void Fill() {
    Listener listener;
    Start(listener);
    store_.Answer(nullptr);
    upstream_->calls.back().Say("hello");
    upstream_->calls.back().End(Ending());
  }
  static pb::CacheInfo::Outcome OutcomeOf(const Listener& listener) {
    return (*listener.result)->cache_info().outcome();
  }

  FakeEventLoop loop_;
  CacheOptions options_;
  SlowAnswers store_;
  FakeBackend* upstream_;
  std::unique_ptr<ChatBackend> cache_;
};

TEST_F(LookupTest, IdenticalCallsWaitForOneLookupAndThenForOneUpstreamCall) {
  Listener first, second;
  Start(first);
  Start(second);
  EXPECT_EQ(store_.lookups, 1);
  EXPECT_TRUE(upstream_->calls.empty());
  store_.Answer(nullptr);
  ASSERT_EQ(upstream_->calls.size(), 1u);
  upstream_->calls[0].Say("hello");
  upstream_->calls[0].End(Ending());
  EXPECT_EQ(OutcomeOf(first), pb::CacheInfo::MISS);
  EXPECT_EQ(OutcomeOf(second), pb::CacheInfo::JOINED);
  EXPECT_THAT(second.chunks, ElementsAre("hello"));
}

TEST_F(LookupTest, WhatTheStoreFindsIsGivenToAllWhoWait) {
  Fill();
  const AnswerStore::Found kept = store_.kept();
  Listener first, second;
  Start(first);
  Start(second);
  store_.Answer(kept);
  loop_.Advance();
  EXPECT_EQ(OutcomeOf(first), pb::CacheInfo::HIT);
  EXPECT_EQ(OutcomeOf(second), pb::CacheInfo::HIT);
  EXPECT_EQ(upstream_->calls.size(), 1u);
}

TEST_F(LookupTest, Promise04AnAnswerPutWhileTheStoreWasAskedIsFound) {
  Listener late;
  Start(late);
  StoredAnswer answer;
  answer.ending = ToResponse(Ending()).SerializeAsString();
  answer.expires = loop_.Now() + absl::Minutes(1);
  store_.Put(MakeRequest().key, std::move(answer), store_.purges());
  store_.Answer(nullptr);
  loop_.Advance();
  EXPECT_EQ(OutcomeOf(late), pb::CacheInfo::HIT);
  EXPECT_TRUE(upstream_->calls.empty());
}

TEST_F(LookupTest, ALookupFromBeforeAPurgeIsNotShared) {
  Listener before, after;
  Start(before);
  store_.PurgeAll();
  Start(after);
  EXPECT_EQ(store_.lookups, 2);
}

TEST_F(LookupTest, TheLastToLeaveEndsTheLookupAndTheNextAsksAgain) {
  Listener first, second;
  Start(first);
  Start(second);
  first.call.reset();
  EXPECT_TRUE(store_.waiting());
  second.call.reset();
  EXPECT_FALSE(store_.waiting());
  Listener third;
  Start(third);
  EXPECT_EQ(store_.lookups, 2);
}

}  // namespace
}  // namespace holysheep
