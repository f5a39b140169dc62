#include <deque>
#include <random>

#include "base/errors.h"
#include "chat/attempt_stats.h"
#include "gtest/gtest.h"
#include "layers/retry_layer.h"
#include "support/fake_backend.h"
#include "support/fake_event_loop.h"
#include "support/listener.h"
#include "support/requests.h"

namespace holysheep {
namespace {

// Retries that leave something to others: to another model, to other callers.
class RetryingOthersTest : public ::testing::Test {
 protected:
  RetryingOthersTest() {
    auto fake = std::make_unique<FakeBackend>();
    upstream_ = fake.get();
    retry_ = RetryLayer(loop_, options_, random_, std::move(fake));
  }

  void Start(Listener& listener, const ChatRequest& request = MakeRequest()) {
    listener.call = retry_->Start(request, listener);
  }
  void Fail(Reason reason = Reason::kUpstream5xx) {
    FakeBackend::Call& call = upstream_->calls.back();
    ++call.request.attempt_stats->attempts;
    call.End(MakeError(reason, "failed"));
  }

  FakeEventLoop loop_;
  RetryOptions options_;
  std::mt19937_64 random_{1};
  FakeBackend* upstream_;
  std::unique_ptr<ChatBackend> retry_;
};

TEST_F(RetryingOthersTest, ASilentModelIsNotAskedTwiceWhereAnotherCanBe) {
  ChatRequest request = MakeRequest();
  request.has_another_model = true;
  Listener silent, failing;
  Start(silent, request);
  Fail(Reason::kFirstTokenTimeout);
  EXPECT_EQ(silent.ends, 1);
  Start(failing, request);
  Fail(Reason::kUpstream5xx);
  EXPECT_EQ(failing.ends, 0);
}

TEST_F(RetryingOthersTest, ASilentModelIsAskedTwiceWhereThereIsNoOther) {
  Listener listener;
  Start(listener);
  Fail(Reason::kFirstTokenTimeout);
  EXPECT_EQ(listener.ends, 0);
}

TEST_F(RetryingOthersTest, Promise08ACallersFailuresLeaveAnotherItsRetries) {
  RequestSpec greedy, other;
  greedy.caller = "greedy";
  other.caller = "other";
  std::deque<Listener> listeners;
  for (int i = 0; i < 100; ++i) {
    Start(listeners.emplace_back(), MakeRequest(greedy));
    Fail();
  }
  Listener last;
  Start(last, MakeRequest(greedy));
  Fail();
  EXPECT_EQ(last.ends, 1) << "its share is used up";
  Listener listener;
  Start(listener, MakeRequest(other));
  Fail();
  EXPECT_EQ(listener.ends, 0);
}

}  // namespace
}  // namespace holysheep
