#include <random>

#include "gmock/gmock.h"
#include "layers/admission_layer_fixture.h"

namespace holysheep {
namespace {

using ::testing::ElementsAre;

// Promise 7: what a call has taken comes back exactly once.
class AdmissionSlotsTest : public AdmissionFixture {
 protected:
  AdmissionSlotsTest() { limits_.service.max_concurrent = 1; }

  // Exactly one more call fits.
  void ExpectOneFreeSlot() {
    EXPECT_EQ(limiter_.in_flight(), 0);
    const size_t before = upstream_->calls.size();
    Ask("probe");
    Ask("one too many");
    EXPECT_EQ(upstream_->calls.size(), before + 1);
  }
};

TEST_F(AdmissionSlotsTest, Promise07ASlotComesBackOnSuccess) {
  Ask("a");
  EndLatest();
  ExpectOneFreeSlot();
}

TEST_F(AdmissionSlotsTest, Promise07ASlotComesBackOnAnError) {
  Listener& listener = Ask("a");
  upstream_->calls[0].End(MakeError(Reason::kIdleTimeout, "idle"));
  EXPECT_EQ(ReasonOfEnd(listener), Reason::kIdleTimeout);
  ExpectOneFreeSlot();
}

TEST_F(AdmissionSlotsTest, Promise07ASlotComesBackWhenARunningCallIsCancelled) {
  Ask("a").call.reset();
  EXPECT_EQ(upstream_->open(), 0u);
  ExpectOneFreeSlot();
}

TEST_F(AdmissionSlotsTest, Promise07AWaitingCallThatIsCancelledFreesNoSlot) {
  Ask("a");
  Listener& waiting = Ask("b");
  waiting.call.reset();
  EXPECT_EQ(gauges_.queue, 0);
  EXPECT_EQ(limiter_.in_flight(), 1);
  EndLatest();
  ExpectOneFreeSlot();
  EXPECT_EQ(waiting.ends, 0);
}

TEST_F(AdmissionSlotsTest, Promise07ARefusedCallFreesNoSlot) {
  Ask("a");
  options_.max_queue_wait = absl::ZeroDuration();
  Ask("b");
  loop_.Advance();
  EXPECT_EQ(limiter_.in_flight(), 1);
}

TEST_F(AdmissionSlotsTest, Promise07ACallThatOutlivesItsEndHoldsNothing) {
  struct Keeper final : ChatObserver {
    void OnDelta(const pb::InvokeEvent&) override {}
    void OnDone(absl::StatusOr<Answer>) override {}
  } keeper;
  auto call = admit_->Start(MakeRequest(), keeper);
  upstream_->calls[0].End(Ending());
  EXPECT_EQ(limiter_.in_flight(), 0);
  call.reset();
  ExpectOneFreeSlot();
}

TEST_F(AdmissionSlotsTest, TheSlotIsFreeBeforeAnyoneHearsOfTheEnd) {
  struct Again final : ChatObserver {
    void OnDelta(const pb::InvokeEvent&) override {}
    void OnDone(absl::StatusOr<Answer>) override {
      call.reset();
      next.call = admit->Start(MakeRequest(), next);
    }
    ChatBackend* admit;
    std::unique_ptr<ChatCall> call;
    Listener next;
  } observer;
  observer.admit = admit_.get();
  observer.call = admit_->Start(MakeRequest(), observer);
  upstream_->calls[0].End(Ending());
  EXPECT_EQ(upstream_->calls.size(), 2u);
}

TEST_F(AdmissionSlotsTest, WhoeverWaitsGoesBeforeWhoeverComes) {
  Ask("a");
  Ask("b");
  upstream_->calls[0].End(Ending());
  Ask("c");  // In the same turn of the loop.
  loop_.Advance();
  EXPECT_THAT(Started(), ElementsAre("a", "b"));
}

// Starts, ends and cancels calls at random, under every kind of limit at once.
class AdmissionStorm : public AdmissionFixture,
                       public ::testing::WithParamInterface<int> {
 protected:
  AdmissionStorm() {
    limits_.service.requests_per_minute = 300;
    limits_.service.tokens_per_minute = 800'000;
    limits_.service.max_concurrent = 8;
    limits_.budgets = {
        {"b", "*", Money::FromPicos(1'000'000'000), Period::kHour}};
    options_.max_queue = 30;
    options_.max_queue_wait = absl::Seconds(20);
  }

  int Draw(int least, int most) {
    return std::uniform_int_distribution<int>(least, most)(random_);
  }

  size_t DrawIndex(size_t size) {
    return std::uniform_int_distribution<size_t>(0, size - 1)(random_);
  }

  void StartOne() {
    RequestSpec spec;
    spec.caller = kCallers[Draw(0, 2)];
    spec.model = "x";
    spec.priority = Draw(0, 3) == 0 ? Priority::kBatch : Priority::kInteractive;
    spec.deadline = loop_.Now() + absl::Milliseconds(Draw(1, 30'000));
    spec.message.set_max_tokens(Draw(1, 4000));
    ChatRequest request = MakeRequest(spec);
    UseCatalog(request, CatalogWith("x", Draw(0, 1) * 200));
    Ask(request);
    ++started_;
  }
  void EndOne() {
    std::vector<FakeBackend::Call*> open;
    for (FakeBackend::Call& call : upstream_->calls) {
      if (!call.dropped) open.push_back(&call);
    }
    if (open.empty()) return;
    FakeBackend::Call& call = *open[DrawIndex(open.size())];
    if (Draw(0, 1) == 0) call.Say("some text");
    if (Draw(0, 3) == 0) {
      call.End(MakeError(Reason::kStreamTruncated, "truncated"));
    } else {
      call.End(Ending());
    }
  }
  void CancelOne() {
    std::vector<Listener*> running;
    for (Listener& listener : listeners_) {
      if (listener.call != nullptr) running.push_back(&listener);
    }
    if (running.empty()) return;
    running[DrawIndex(running.size())]->call.reset();
    ++cancelled_;
  }

  static constexpr const char* kCallers[] = {"a", "b", "c"};
  std::mt19937 random_{static_cast<unsigned>(GetParam())};
  int started_ = 0;
  int cancelled_ = 0;
};

TEST_P(AdmissionStorm, Promise07AfterAnyStormEveryGaugeIsZero) {
  for (int step = 0; step < 6000; ++step) {
    const int what = Draw(0, 9);
    if (what < 4) {
      StartOne();
    } else if (what < 7) {
      EndOne();
    } else if (what < 8) {
      CancelOne();
    } else {
      loop_.Advance(absl::Milliseconds(Draw(0, 500)));
    }
    ASSERT_LE(limiter_.in_flight(), limits_.service.max_concurrent);
    ASSERT_LE(gauges_.queue, options_.max_queue);
    ASSERT_EQ(limiter_.in_flight(), static_cast<int64_t>(upstream_->open()));
  }
  while (upstream_->open() > 0 || gauges_.queue > 0) {
    for (size_t i = 0; i < upstream_->calls.size(); ++i) {
      if (!upstream_->calls[i].dropped) upstream_->calls[i].End(Ending());
    }
    loop_.Advance(absl::Seconds(1));
  }
  EXPECT_EQ(limiter_.in_flight(), 0);
  int ends = 0;
  for (const Listener& listener : listeners_) {
    EXPECT_LE(listener.ends, 1);
    ends += listener.ends;
  }
  EXPECT_EQ(ends + cancelled_, started_);
  EXPECT_GT(upstream_->calls.size(), 500u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, AdmissionStorm, ::testing::Range(0, 4));

}  // namespace
}  // namespace holysheep
