#include "layers/cache/replay.h"

#include "chat/transcript.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/fake_event_loop.h"
#include "support/listener.h"
#include "support/requests.h"

namespace holysheep {
namespace {

using ::testing::ElementsAre;

class ReplayTest : public ::testing::Test {
 protected:
  ReplayTest() {
    Transcript transcript;
    pb::InvokeEvent event;
    for (const char* text : {"he", "llo"}) {
      event.set_text(text);
      transcript.Append(event);
    }
    StoredAnswer answer;
    answer.transcript = std::string(transcript.packed());
    answer.ending = ToResponse(Ending()).SerializeAsString();
    answer.stored = loop_.Now();
    answer_ = std::make_shared<const StoredAnswer>(std::move(answer));
  }

  FakeEventLoop loop_;
  std::shared_ptr<const StoredAnswer> answer_;
};

TEST_F(ReplayTest, Promise03TheEndingIsTheOriginalsAndFree) {
  pb::InvokeResponse expected = ToResponse(Ending());
  expected.set_cached(true);
  expected.mutable_cache_info()->set_outcome(pb::CacheInfo::HIT);
  expected.mutable_cache_info()->set_age_ms(1500);
  expected.mutable_cost()->set_total("0");
  expected.mutable_cost()->set_prompt("0");
  expected.mutable_cost()->set_completion("0");
  expected.mutable_cost()->set_saved("0.000084");
  const pb::InvokeResponse ending = ToResponse(ReplayedEnding(
      *answer_, pb::CacheInfo::HIT, loop_.Now() + absl::Milliseconds(1500)));
  EXPECT_EQ(ending.SerializeAsString(), expected.SerializeAsString());
}

TEST_F(ReplayTest, AnAgeIsNeverNegative) {
  const pb::InvokeResponse ending = ToResponse(ReplayedEnding(
      *answer_, pb::CacheInfo::STALE, loop_.Now() - absl::Seconds(1)));
  EXPECT_EQ(ending.cache_info().age_ms(), 0);
  EXPECT_EQ(ending.cache_info().outcome(), pb::CacheInfo::STALE);
}

TEST_F(ReplayTest, Promise03BeginsWithStartedAndMergesTheChunks) {
  Listener listener;
  Replay(*answer_, pb::CacheInfo::STALE, loop_.Now(), listener);
  ASSERT_TRUE(listener.started.has_value());
  EXPECT_TRUE(listener.started->cached());
  EXPECT_EQ(listener.started->model(), "deepseek-v3.2");
  EXPECT_THAT(listener.chunks, ElementsAre("hello"));
  EXPECT_TRUE(listener.ok());
}

TEST_F(ReplayTest, ACallReplaysOnTheNextTurn) {
  Listener listener;
  listener.call = ReplayCall(loop_, listener, answer_);
  EXPECT_FALSE(listener.started.has_value());
  loop_.Advance();
  EXPECT_TRUE(listener.ok());
  EXPECT_EQ(loop_.pending(), 0u);
}

TEST_F(ReplayTest, ACallThatIsCancelledFirstSaysNothing) {
  Listener listener;
  listener.call = ReplayCall(loop_, listener, answer_);
  listener.call.reset();
  loop_.Advance();
  EXPECT_FALSE(listener.started.has_value());
  EXPECT_EQ(listener.ends, 0);
}

}  // namespace
}  // namespace holysheep
