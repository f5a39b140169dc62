#include "layers/metering_layer.h"

#include "base/errors.h"
#include "gtest/gtest.h"
#include "layers/sinks.h"
#include "support/fake_backend.h"
#include "support/fake_event_loop.h"
#include "support/listener.h"
#include "support/requests.h"

namespace holysheep {
namespace {

class MeteringTest : public ::testing::Test {
 protected:
  MeteringTest() {
    auto fake = std::make_unique<FakeBackend>();
    upstream_ = fake.get();
    meter_ = MeteringLayer(loop_, log_, std::move(fake));
  }

  // A request that arrived 5 ms before the layer sees it.
  ChatRequest Arrived() {
    RequestSpec spec;
    spec.arrived = loop_.Now() - absl::Milliseconds(5);
    return MakeRequest(spec);
  }
  void Start(Listener& listener) {
    listener.call = meter_->Start(Arrived(), listener);
  }

  FakeEventLoop loop_;
  CallLog log_;
  FakeBackend* upstream_;
  std::unique_ptr<ChatBackend> meter_;
};

TEST_F(MeteringTest, MeasuresFromTheArrival) {
  Listener listener;
  Start(listener);
  loop_.Advance(absl::Milliseconds(20));
  upstream_->calls[0].Say("he");
  loop_.Advance(absl::Milliseconds(30));
  upstream_->calls[0].Say("llo");
  upstream_->calls[0].End(Ending());
  ASSERT_TRUE(listener.ok());
  EXPECT_EQ((*listener.result)->first_token_ms(), 25);
  EXPECT_EQ((*listener.result)->latency_ms(), 55);
  EXPECT_EQ((*listener.result)->request_id(), "request-1");
  ASSERT_EQ(log_.entries.size(), 1u);
  EXPECT_TRUE(log_.entries[0].status.ok());
  EXPECT_EQ(log_.entries[0].latency, absl::Milliseconds(55));
  EXPECT_EQ(log_.entries[0].response->SerializeAsString(),
            (*listener.result)->SerializeAsString());
}

TEST_F(MeteringTest, TheBeginningOfAReplayIsNoToken) {
  Listener listener;
  Start(listener);
  pb::InvokeEvent started;
  started.mutable_started()->set_cached(true);
  upstream_->calls[0].observer->OnDelta(started);
  loop_.Advance(absl::Milliseconds(1));
  upstream_->calls[0].Say("hello");
  upstream_->calls[0].End(Ending());
  ASSERT_TRUE(listener.ok());
  EXPECT_EQ((*listener.result)->first_token_ms(), 6);
}

TEST_F(MeteringTest, RecordsAnError) {
  Listener listener;
  Start(listener);
  upstream_->calls[0].End(MakeError(Reason::kUpstream5xx, "down"));
  EXPECT_EQ(listener.ends, 1);
  ASSERT_EQ(log_.entries.size(), 1u);
  EXPECT_EQ(ReasonOf(log_.entries[0].status), Reason::kUpstream5xx);
  EXPECT_FALSE(log_.entries[0].response.has_value());
}

TEST_F(MeteringTest, RecordsACallWhoseCallerLeft) {
  Listener listener;
  Start(listener);
  loop_.Advance(absl::Milliseconds(10));
  listener.call.reset();
  ASSERT_EQ(log_.entries.size(), 1u);
  EXPECT_TRUE(absl::IsCancelled(log_.entries[0].status));
  EXPECT_FALSE(log_.entries[0].response.has_value());
  EXPECT_EQ(log_.entries[0].latency, absl::Milliseconds(15));
}

TEST_F(MeteringTest, ACallThatOutlivesItsEndIsRecordedOnce) {
  struct Keeper final : ChatObserver {
    void OnDelta(const pb::InvokeEvent&) override {}
    void OnDone(absl::StatusOr<Answer>) override {}
  } keeper;
  auto call = meter_->Start(Arrived(), keeper);
  upstream_->calls[0].End(Ending());
  call.reset();
  EXPECT_EQ(log_.entries.size(), 1u);
}

TEST_F(MeteringTest, AnAnswerPastTheLayersIsMeasuredAlike) {
  Answer answer = Ending();
  MeterAnswer(log_, Arrived(), loop_.Now(), answer);
  const pb::InvokeResponse response = ToResponse(answer);
  EXPECT_EQ(response.latency_ms(), 5);
  EXPECT_EQ(response.first_token_ms(), 5);
  EXPECT_EQ(response.request_id(), "request-1");
  ASSERT_EQ(log_.entries.size(), 1u);
  EXPECT_EQ(log_.entries[0].latency, absl::Milliseconds(5));
  EXPECT_EQ(log_.entries[0].response->SerializeAsString(),
            response.SerializeAsString());
}

// A sink whose disk is slow.
struct SlowLog final : CallSink {
  void Record(const CallRecord& call) override {
    statuses.push_back(call.status);
    kept = false;
  }
  bool IsKept() const override { return kept; }
  void WhenKept(Task then) override { waiting.push_back(std::move(then)); }
  bool HasRoom() const override { return room; }

  std::vector<absl::Status> statuses;
  std::vector<Task> waiting;
  bool kept = true;
  bool room = true;
};

class SlowLogTest : public ::testing::Test {
 protected:
  SlowLogTest() {
    auto fake = std::make_unique<FakeBackend>();
    upstream_ = fake.get();
    meter_ = MeteringLayer(loop_, log_, std::move(fake));
    listener_.call = meter_->Start(Request(), listener_);
  }
  ChatRequest Request() {
    RequestSpec spec;
    spec.arrived = loop_.Now();
    ChatRequest request = MakeRequest(spec);
    request.deadline =
        std::make_shared<Deadline>(Deadline{loop_.Now() + absl::Minutes(1)});
    return request;
  }

  FakeEventLoop loop_;
  SlowLog log_;
  FakeBackend* upstream_;
  std::unique_ptr<ChatBackend> meter_;
  Listener listener_;
};

TEST_F(SlowLogTest, Promise12AnAnswerWaitsForItsRecordAndItsPiecesDoNot) {
  upstream_->calls[0].Say("hello");
  EXPECT_EQ(listener_.answer.result(), "hello");
  upstream_->calls[0].End(Ending());
  loop_.Advance(absl::Seconds(2));
  EXPECT_EQ(listener_.ends, 0);
  log_.waiting.at(0)();
  loop_.Advance(absl::ZeroDuration());
  EXPECT_EQ(listener_.ends, 1);
  EXPECT_TRUE(listener_.ok());
  loop_.Advance(absl::Minutes(2));
  EXPECT_EQ(listener_.ends, 1);
}

TEST_F(SlowLogTest, AnErrorWaitsForNothing) {
  upstream_->calls[0].End(MakeError(Reason::kUpstream5xx, "down"));
  EXPECT_EQ(listener_.ends, 1);
  EXPECT_TRUE(log_.waiting.empty());
}

TEST_F(SlowLogTest, AnAnswerWhoseRecordIsNotKeptInTimeIsATimeout) {
  upstream_->calls[0].End(Ending());
  loop_.Advance(absl::Minutes(1));
  ASSERT_EQ(listener_.ends, 1);
  EXPECT_EQ(ReasonOf(listener_.result->status()), Reason::kTotalTimeout);
  log_.waiting.at(0)();
  loop_.Advance(absl::ZeroDuration());
  EXPECT_EQ(listener_.ends, 1);
}

TEST_F(SlowLogTest, WhoLeavesWhileWaitingHearsNothing) {
  upstream_->calls[0].End(Ending());
  listener_.call.reset();
  log_.waiting.at(0)();
  loop_.Advance(absl::ZeroDuration());
  EXPECT_EQ(listener_.ends, 0);
  EXPECT_EQ(log_.statuses.size(), 1u);
}

TEST_F(SlowLogTest, WithoutRoomACallIsRefusedAndAsksNobody) {
  log_.room = false;
  Listener refused;
  refused.call = meter_->Start(Request(), refused);
  loop_.Advance(absl::ZeroDuration());
  ASSERT_EQ(refused.ends, 1);
  EXPECT_EQ(ReasonOf(refused.result->status()), Reason::kQueueFull);
  EXPECT_TRUE(DetailsOf(refused.result->status()).retry_after.has_value());
  EXPECT_EQ(upstream_->calls.size(), 1u);
  EXPECT_EQ(log_.statuses.size(), 1u);
}

}  // namespace
}  // namespace holysheep
