// How a batch waits for the limits, and waits out an outage.
#include "base/memory_account.h"
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

TEST_F(BatchPatienceTest, AnItemWaitsOutWhatMayPass) {
  const struct {
    Reason reason;
    bool waits;
  } kCases[] = {
      {Reason::kCircuitOpen, true},       {Reason::kUpstream5xx, true},
      {Reason::kUpstreamConnect, true},   {Reason::kConnectTimeout, true},
      {Reason::kFirstTokenTimeout, true}, {Reason::kRateLimitedUpstream, true},
      {Reason::kIdleTimeout, false},      {Reason::kInvalidArgument, false},
      {Reason::kStreamTruncated, false},  {Reason::kUpstreamMalformed, false},
      {Reason::kUpstreamQuota, false},    {Reason::kDraining, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string(ReasonName(c.reason)));
    Open(1);
    Feed(1);
    chat_.calls.back().End(MakeError(c.reason, "down"));
    EXPECT_EQ(results_.size(), c.waits ? 0u : 1u);
    const size_t before = chat_.calls.size();
    loop_.Advance(absl::Seconds(1));
    EXPECT_EQ(chat_.calls.size(), before + (c.waits ? 1 : 0));
    batch_.reset();
    results_.clear();
    rooms_ = untaken_ = 0;
  }
}

TEST_F(BatchPatienceTest, AnOpenCircuitIsWaitedForAsLongAsItSays) {
  Open(1);
  Feed(1);
  ErrorDetails details;
  details.retry_after = absl::Seconds(30);
  chat_.calls[0].End(MakeError(Reason::kCircuitOpen, "open", details));
  loop_.Advance(absl::Seconds(29));
  EXPECT_EQ(chat_.calls.size(), 1u);
  loop_.Advance(absl::Seconds(1));
  ASSERT_EQ(chat_.calls.size(), 2u);
  Answer(1, "back");
  EXPECT_EQ(results_[0].outcome->response.result(), "back");
}

TEST_F(BatchPatienceTest, TheWaitsInAnOutageGrowUntilPatienceEnds) {
  Open(1);
  Feed(1);
  const absl::Time start = loop_.Now();
  absl::Time last = start;
  while (results_.empty()) {
    last = loop_.Now();
    const size_t before = chat_.calls.size();
    chat_.calls.back().End(MakeError(Reason::kUpstream5xx, "down"));
    while (results_.empty() && chat_.calls.size() == before) {
      loop_.Advance(absl::Seconds(1));
    }
  }
  EXPECT_GT(last - start, options_.patience - absl::Seconds(31));
  EXPECT_LT(last - start, options_.patience);
  EXPECT_LT(chat_.calls.size(), 30u);
  EXPECT_EQ(ReasonOf(results_[0].outcome.status()), Reason::kUpstream5xx);
}

TEST_F(BatchPatienceTest, LaterItemsDoNotWaitOutTheSameOutageAnew) {
  options_.patience = absl::Seconds(10);
  Open(1);
  Feed(1);
  chat_.calls[0].End(MakeError(Reason::kUpstream5xx, "down"));
  loop_.Advance(absl::Seconds(9));
  chat_.calls[1].End(MakeError(Reason::kUpstream5xx, "down"));
  ASSERT_EQ(results_.size(), 1u);
  TakeAll();
  Feed(1);
  chat_.calls[2].End(MakeError(Reason::kUpstream5xx, "down"));
  EXPECT_EQ(results_.size(), 2u);
  TakeAll();
  Feed(1);
  Answer(3, "back");
  TakeAll();
  Feed(1);
  chat_.calls[4].End(MakeError(Reason::kUpstream5xx, "down again"));
  EXPECT_EQ(results_.size(), 3u) << "the outage was over";
}

TEST_F(BatchPatienceTest, AnItemThatAlwaysFailsEndsAlthoughOthersDoNot) {
  options_.patience = absl::Seconds(10);
  Open(2);
  Feed(2);
  chat_.calls[0].End(MakeError(Reason::kUpstream5xx, "down"));
  loop_.Advance(absl::Seconds(9));
  Answer(1, "fine");
  chat_.calls[2].End(MakeError(Reason::kUpstream5xx, "down"));
  TakeAll();
  EXPECT_EQ(results_.size(), 2u);
}

TEST_F(BatchPatienceTest, WithoutPatienceAnOutageFailsItemsAtOnce) {
  options_.patience = absl::ZeroDuration();
  Open(1);
  Feed(1);
  chat_.calls[0].End(MakeError(Reason::kCircuitOpen, "open"));
  EXPECT_EQ(results_.size(), 1u);
}

TEST_F(BatchPatienceTest, AnAnswerThatOutgrowsTheMemoryIsNotBoughtAgain) {
  Open(1);
  Feed(1);
  chat_.calls[0].End(OutOfMemoryError());
  ASSERT_EQ(results_.size(), 1u);
  EXPECT_EQ(ReasonOf(results_[0].outcome.status()), Reason::kQueueFull);
}

TEST_F(BatchPatienceTest, AResultKeepsWhatItsItemHolds) {
  MemoryAccount account({1 << 20, /*shared=*/false});
  Open(1);
  BatchInput item = ItemOf("a");
  item.request->memory =
      std::make_shared<HeldMemory>(*account.Take("caller", 1));
  Add(std::move(item));
  chat_.calls[0].request.memory = nullptr;  // The fake's own copy.
  Answer(0, "yes");
  ASSERT_EQ(results_.size(), 1u);
  EXPECT_GT(account.bytes(), 0);
  results_.clear();
  EXPECT_EQ(account.bytes(), 0);
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
