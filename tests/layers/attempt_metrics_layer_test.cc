#include "layers/attempt_metrics_layer.h"

#include <string>
#include <vector>

#include "base/errors.h"
#include "chat/attempt_stats.h"
#include "gtest/gtest.h"
#include "layers/sinks.h"
#include "support/fake_backend.h"
#include "support/fake_event_loop.h"
#include "support/listener.h"
#include "support/requests.h"

namespace holysheep {
namespace {

class AttemptsTest : public testing::Test {
 protected:
  AttemptsTest() {
    auto upstream = std::make_unique<FakeBackend>();
    upstream_ = upstream.get();
    tracked_ = AttemptMetricsLayer(loop_, log_, std::move(upstream));
    request_.attempt_stats = std::make_shared<AttemptStats>();
  }

  FakeEventLoop loop_;
  AttemptLog log_;
  FakeBackend* upstream_;
  std::unique_ptr<ChatBackend> tracked_;
  ChatRequest request_ = MakeRequest();
};

TEST_F(AttemptsTest, NotesEachAttemptInTheEffortOfItsCall) {
  Listener listener;
  auto first = tracked_->Start(request_, listener);
  loop_.Advance(absl::Milliseconds(20));
  upstream_->calls[0].End(MakeError(Reason::kUpstream5xx, "down"));
  Listener other;
  auto second = tracked_->Start(request_, other);
  loop_.Advance(absl::Milliseconds(30));
  upstream_->calls[1].End(Ending());
  EXPECT_EQ(request_.attempt_stats->upstream, absl::Milliseconds(50));
  ASSERT_EQ(log_.entries.size(), 2u);
  EXPECT_FALSE(log_.entries[0].retry);
  EXPECT_EQ(ReasonOf(log_.entries[0].status), Reason::kUpstream5xx);
  EXPECT_TRUE(log_.entries[1].retry);
  EXPECT_TRUE(log_.entries[1].status.ok());
  EXPECT_EQ(log_.entries[1].duration, absl::Milliseconds(30));
}

TEST_F(AttemptsTest, TheFirstAttemptOfAnotherModelIsNoRetry) {
  Listener listener;
  auto first = tracked_->Start(request_, listener);
  upstream_->calls[0].End(MakeError(Reason::kUpstream5xx, "down"));
  request_.target = request_.catalog->TargetFor("gpt-4.1");
  Listener other;
  auto second = tracked_->Start(request_, other);
  upstream_->calls[1].End(Ending());
  EXPECT_FALSE(log_.entries[1].retry);
  EXPECT_EQ(request_.attempt_stats->model, "gpt-4.1");
}

TEST_F(AttemptsTest, AnAbandonedAttemptIsCancelled) {
  Listener listener;
  auto call = tracked_->Start(request_, listener);
  loop_.Advance(absl::Milliseconds(5));
  call.reset();
  ASSERT_EQ(log_.entries.size(), 1u);
  EXPECT_TRUE(absl::IsCancelled(log_.entries[0].status));
  EXPECT_EQ(request_.attempt_stats->upstream, absl::Milliseconds(5));
}

}  // namespace
}  // namespace holysheep
