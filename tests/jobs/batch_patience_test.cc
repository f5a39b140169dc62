// How a batch waits for the limits.
#include "jobs/batch_fixture.h"

namespace holysheep {
namespace {

class BatchPatienceTest : public BatchFixture {
 protected:
  static absl::Status LimitedFor(absl::Duration wait) {
    ErrorDetails details;
    details.retry_after = wait;
    return MakeError(Reason::kRateLimitedLocal, "no room", details);
  }
};

TEST_F(BatchPatienceTest, AnItemWithoutRoomComesAgainWhenThereIsSome) {
  Open(1);
  Feed(1);
  chat_.calls[0].End(LimitedFor(absl::Seconds(40)));
  loop_.Advance(absl::Seconds(39));
  EXPECT_EQ(chat_.calls.size(), 1u);
  EXPECT_TRUE(chat_.calls[0].dropped);
  loop_.Advance(absl::Seconds(1));
  ASSERT_EQ(chat_.calls.size(), 2u);
  Answer(1, "at last");
  ASSERT_EQ(results_.size(), 1u);
  EXPECT_EQ(results_[0].outcome->response.result(), "at last");
}

TEST_F(BatchPatienceTest, WaitingTakesNothingOfTheTimeThatACallHas) {
  Open(1);
  Feed(1);
  chat_.calls[0].End(LimitedFor(absl::Minutes(20)));
  loop_.Advance(absl::Minutes(20));
  ASSERT_EQ(chat_.calls.size(), 2u);
  EXPECT_EQ(chat_.calls[1].request.deadline->at,
            loop_.Now() + absl::Minutes(5));
}

TEST_F(BatchPatienceTest, WhatAnItemHasBoughtIsThereWhenItComesAgain) {
  Open(1);
  Feed(1);
  ASSERT_NE(chat_.calls[0].request.unfinished, nullptr);
  chat_.calls[0].End(LimitedFor(absl::Seconds(1)));
  loop_.Advance(absl::Seconds(1));
  ASSERT_EQ(chat_.calls.size(), 2u);
  EXPECT_EQ(chat_.calls[1].request.unfinished,
            chat_.calls[0].request.unfinished);
}

TEST_F(BatchPatienceTest, TheTimeOfACallEndsWithTheStream) {
  options_.deadline = loop_.Now() + absl::Minutes(2);
  Open(1);
  Feed(1);
  chat_.calls[0].End(LimitedFor(absl::Minutes(1)));
  loop_.Advance(absl::Minutes(1));
  ASSERT_EQ(chat_.calls.size(), 2u);
  EXPECT_EQ(chat_.calls[1].request.deadline->at, options_.deadline);
}

TEST_F(BatchPatienceTest, AnItemThatCannotMakeItBeforeTheStreamEndsFails) {
  options_.deadline = loop_.Now() + absl::Seconds(30);
  Open(1);
  Feed(1);
  chat_.calls[0].End(LimitedFor(absl::Seconds(31)));
  ASSERT_EQ(results_.size(), 1u);
  EXPECT_EQ(ReasonOf(results_[0].outcome.status()), Reason::kRateLimitedLocal);
}

TEST_F(BatchPatienceTest, AFullQueueIsTriedAgainSoon) {
  Open(1);
  Feed(1);
  chat_.calls[0].End(MakeError(Reason::kQueueFull, "full"));
  loop_.Advance(absl::Seconds(1));
  EXPECT_EQ(chat_.calls.size(), 2u);
}

TEST_F(BatchPatienceTest, ALimitThatSeemsOpenIsNotTriedAgainAtOnce) {
  Open(1);
  Feed(1);
  chat_.calls[0].End(LimitedFor(absl::ZeroDuration()));
  loop_.Advance();
  EXPECT_EQ(chat_.calls.size(), 1u);
  loop_.Advance(absl::Seconds(1));
  EXPECT_EQ(chat_.calls.size(), 2u);
}

TEST_F(BatchPatienceTest, AnImpatientItemFailsAsASingleCallDoes) {
  Open(1);
  BatchInput item = ItemOf("a");
  item.patient = false;
  Add(std::move(item));
  chat_.calls[0].End(LimitedFor(absl::Seconds(1)));
  ASSERT_EQ(results_.size(), 1u);
  EXPECT_EQ(ReasonOf(results_[0].outcome.status()), Reason::kRateLimitedLocal);
}

TEST_F(BatchPatienceTest, ABudgetThatIsSpentIsNotWaitedFor) {
  Open(1);
  Feed(1);
  chat_.calls[0].End(MakeError(Reason::kBudgetExceeded, "spent"));
  EXPECT_EQ(results_.size(), 1u);
}

TEST_F(BatchPatienceTest, AnItemThatWaitsKeepsItsRoomAndGoesWithTheBatch) {
  Open(1);
  Feed(1);
  chat_.calls[0].End(LimitedFor(absl::Seconds(1)));
  EXPECT_EQ(rooms_, 0);
  batch_.reset();
  EXPECT_EQ(loop_.pending(), 0u);
}

}  // namespace
}  // namespace holysheep
