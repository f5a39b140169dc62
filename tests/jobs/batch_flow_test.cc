// What a batch holds at once, and how it ends.
#include "jobs/batch_fixture.h"

namespace holysheep {
namespace {

class BatchFlowTest : public BatchFixture {};

TEST_F(BatchFlowTest, AResultHasTheIdAndPositionOfItsItem) {
  Open(4);
  Add(ItemOf("a"));
  Add(ItemOf("b"));
  Answer(1, "to b");
  TakeAll();
  Answer(0, "to a");
  ASSERT_EQ(results_.size(), 2u);
  EXPECT_EQ(results_[0].id, "b");
  EXPECT_EQ(results_[0].index, 1);
  EXPECT_EQ(results_[0].outcome->response.result(), "to b");
  EXPECT_EQ(results_[0].outcome->response.tokens_used(), 30);
  EXPECT_EQ(results_[1].id, "a");
  EXPECT_EQ(results_[1].index, 0);
}

TEST_F(BatchFlowTest, ItemsAreUnaryCallsOfTheLowerPriority) {
  Open(1);
  Add(ItemOf("a"));
  EXPECT_EQ(chat_.calls[0].request.priority, Priority::kBatch);
  EXPECT_TRUE(chat_.calls[0].request.unary);
}

TEST_F(BatchFlowTest, AnItemsFailureIsItsOwn) {
  Open(4);
  Add({"bad", InvalidField("query", "is required")});
  Add(ItemOf("good"));
  Add(ItemOf("unlucky"));
  Answer(0, "fine");
  chat_.calls[1].End(MakeError(Reason::kUpstreamAuth, "no"));
  End();
  TakeAll();
  ASSERT_EQ(results_.size(), 3u);
  EXPECT_EQ(ReasonOf(results_[0].outcome.status()), Reason::kInvalidArgument);
  EXPECT_EQ(results_[0].index, 0);
  EXPECT_TRUE(results_[1].outcome.ok());
  EXPECT_EQ(ReasonOf(results_[2].outcome.status()), Reason::kUpstreamAuth);
  EXPECT_EQ(ends_, 1);
}

TEST_F(BatchFlowTest, ReadsNoFurtherThanItHasRoom) {
  Open(3);
  Feed(10);
  EXPECT_EQ(chat_.calls.size(), 3u);
  EXPECT_EQ(rooms_, 0);
}

TEST_F(BatchFlowTest, AsksForOneItemAtATime) {
  Open(3);
  EXPECT_EQ(rooms_, 1);
  Feed(1);
  EXPECT_EQ(rooms_, 1);
}

TEST_F(BatchFlowTest, AResultThatNobodyTakesKeepsItsRoom) {
  Open(2);
  Feed(2);
  Answer(0, "x");
  Answer(1, "x");
  EXPECT_EQ(results_.size(), 1u);
  EXPECT_EQ(rooms_, 0);
  TakeAll();
  EXPECT_EQ(results_.size(), 2u);
  EXPECT_EQ(rooms_, 1);
}

TEST_F(BatchFlowTest, BadItemsTakeRoomUntilTheirResultsAreTaken) {
  Open(2);
  for (int i = 0; i < 2; ++i) Add({"bad", InvalidField("query", "no")});
  EXPECT_EQ(rooms_, 0);
  EXPECT_EQ(results_.size(), 1u);
  TakeAll();
  EXPECT_EQ(rooms_, 1);
}

TEST_F(BatchFlowTest, EndsOnceTheLastResultIsTaken) {
  Open(2);
  Feed(1);
  End();
  EXPECT_EQ(ends_, 0);
  Answer(0, "x");
  EXPECT_EQ(ends_, 0);
  TakeAll();
  EXPECT_EQ(ends_, 1);
}

TEST_F(BatchFlowTest, AnEmptyBatchEndsAtOnce) {
  Open(2);
  End();
  EXPECT_EQ(ends_, 1);
  EXPECT_TRUE(results_.empty());
}

TEST_F(BatchFlowTest, DestroyingItCancelsWhatRuns) {
  Open(5);
  Feed(5);
  EXPECT_EQ(chat_.open(), 5u);
  batch_.reset();
  EXPECT_EQ(chat_.open(), 0u);
  loop_.Advance(absl::Hours(1));
  EXPECT_TRUE(results_.empty());
}

// Answers everything on the next turn of the loop, and notes how much was held
// at most.
class Busy final : public ChatBackend {
 public:
  explicit Busy(EventLoop& loop) : loop_(loop) {}

  std::unique_ptr<ChatCall> Start(const ChatRequest&,
                                  ChatObserver& observer) override {
    return std::make_unique<Call>(*this, observer);
  }
  int most = 0;

 private:
  struct Call final : ChatCall {
    Call(Busy& backend, ChatObserver& observer)
        : owner(backend),
          timer(owner.loop_.RunAfter(absl::Milliseconds(1), [&observer] {
            observer.OnDone(Ending());
          })) {
      owner.most = std::max(owner.most, ++owner.now_);
    }
    ~Call() override { --owner.now_; }
    Busy& owner;
    const std::unique_ptr<Timer> timer;
  };

  EventLoop& loop_;
  int now_ = 0;
};

constexpr int kItems = 100'000;

// Both ends are as quick as they can be.
struct Ends final : BatchPeer {
  explicit Ends(EventLoop& owner) : loop(owner) {}
  void OnRoom() override {
    loop.Post([this] {
      if (given == kItems) return batch->EndInput();
      ++given;
      most_open = std::max(most_open, given - taken);
      batch->Add({"", request});
    });
  }
  void OnResult(BatchOutput result) override {
    sum += result.index;
    loop.Post([this] {
      ++taken;
      batch->TakeResult();
    });
  }
  void OnEnd() override { ended = true; }
  EventLoop& loop;
  const ChatRequest request = MakeRequest();
  int given = 0;
  int taken = 0;
  int most_open = 0;
  int64_t sum = 0;
  bool ended = false;
  std::unique_ptr<Batch> batch;
};

TEST(BatchMemoryTest, AHundredThousandItemsAreHeldAsATenthOfAThousandWouldBe) {
  FakeEventLoop loop;
  Busy chat(loop);
  Ends ends(loop);
  BatchOptions options;
  options.max_open = 100;
  ends.batch = NewBatch(loop, chat, options, ends);
  ends.batch->Begin();
  while (!ends.ended && loop.pending() > 0) loop.Advance(absl::Seconds(1));
  EXPECT_TRUE(ends.ended);
  EXPECT_EQ(ends.taken, kItems);
  EXPECT_EQ(ends.sum, int64_t{kItems} * (kItems - 1) / 2);
  EXPECT_EQ(ends.most_open, 100);
  EXPECT_LE(chat.most, 100);
}

}  // namespace
}  // namespace holysheep
