#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "gtest/gtest.h"
#include "layers/chain_rig.h"
#include "support/listener.h"
#include "support/requests.h"

namespace holysheep {
namespace {

// Notes when each call to the upstream starts.
struct Clocked final : ChatBackend {
  Clocked(EventLoop& its_loop, std::unique_ptr<ChatBackend> its_next)
      : loop(its_loop), next(std::move(its_next)) {}

  std::unique_ptr<ChatCall> Start(const ChatRequest& request,
                                  ChatObserver& observer) override {
    starts.push_back(loop.Now());
    return next->Start(request, observer);
  }

  EventLoop& loop;
  const std::unique_ptr<ChatBackend> next;
  std::vector<absl::Time> starts;
};

// Thousands of random calls through the whole chain, which are answered,
// failed, cut off and cancelled at random.
class ChainStorm : public ::testing::TestWithParam<int> {
 protected:
  struct Client {
    Listener listener;
    // What a whole answer to it is.
    std::string expected;
    bool cancelled = false;
  };

  ChainStorm() : random_(static_cast<uint64_t>(GetParam())) {
    rig_.limits.service.requests_per_minute = 600;
    rig_.limits.service.max_concurrent = 10;
    rig_.admission.max_queue = 40;
    rig_.cache.max_entries = 20;
    rig_.cache.ttl = absl::Seconds(20);
    rig_.cache.stale_if_error = absl::Seconds(20);
    rig_.breaker.open_for = absl::Seconds(3);
    auto fake = std::make_unique<FakeBackend>();
    upstream_ = fake.get();
    auto clocked = std::make_unique<Clocked>(rig_.loop, std::move(fake));
    clocked_ = clocked.get();
    chain_ = rig_.Compose(std::move(clocked));
  }

  int Draw(int least, int most) {
    return std::uniform_int_distribution<int>(least, most)(random_);
  }
  bool OneIn(int n) { return Draw(1, n) == 1; }
  template <typename Value>
  Value& Pick(const std::vector<Value*>& values) {
    return *values[std::uniform_int_distribution<size_t>(
        0, values.size() - 1)(random_)];
  }

  RequestSpec RandomSpec() {
    RequestSpec spec;
    spec.query = absl::StrCat("query ", Draw(0, 60));
    spec.caller = absl::StrCat("caller ", Draw(0, 2));
    spec.model = OneIn(2) ? "gpt-4.1" : "deepseek-v3.2";
    spec.arrived = rig_.loop.Now();
    spec.deadline = rig_.loop.Now() + absl::Hours(24);
    if (OneIn(3)) spec.message.add_fallback_models("claude-sonnet-4.5");
    if (OneIn(4)) {
      spec.message.mutable_cache()->set_mode(
          static_cast<pb::CacheControl::Mode>(Draw(1, 3)));
    }
    if (OneIn(4)) spec.priority = Priority::kBatch;
    return spec;
  }
  void StartCall(const RequestSpec& spec) {
    Client& client = clients_.emplace_back();
    const ChatRequest request = MakeRequest(spec);
    client.expected = *request.key.material;
    client.listener.call = chain_->Start(request, client.listener);
    ASSERT_EQ(client.listener.ends, 0);
  }
  void StartHastyCall() {
    RequestSpec spec = RandomSpec();
    spec.deadline = rig_.loop.Now() + absl::Milliseconds(Draw(0, 8000));
    if (OneIn(2)) spec.message.mutable_timeouts()->set_queue_ms(Draw(1, 3000));
    StartCall(spec);
  }
  void CancelCall() {
    std::vector<Client*> running;
    for (Client& client : clients_) {
      if (client.listener.call != nullptr) running.push_back(&client);
    }
    if (running.empty()) return;
    Client& client = Pick(running);
    client.listener.call.reset();
    client.cancelled = true;
  }

  std::vector<FakeBackend::Call*> Open() {
    std::vector<FakeBackend::Call*> open;
    for (FakeBackend::Call& call : upstream_->calls) {
      if (!call.dropped) open.push_back(&call);
    }
    return open;
  }
  static void Answer(FakeBackend::Call& call) {
    const std::string& answer = *call.request.key.material;
    call.Say(answer.substr(0, 5));
    call.Say(answer.substr(5));
    call.End(Ending());
  }
  void Fail(FakeBackend::Call& call) {
    static constexpr Reason kReasons[] = {
        Reason::kUpstream5xx,       Reason::kRateLimitedUpstream,
        Reason::kFirstTokenTimeout, Reason::kUpstreamConnect,
        Reason::kContentFilter,     Reason::kModelNotFound};
    ErrorDetails details;
    if (OneIn(3)) details.retry_after = absl::Milliseconds(Draw(0, 20'000));
    const Reason reason = kReasons[Draw(0, 5)];
    if (reason == Reason::kFirstTokenTimeout) ++timed_out_;
    call.End(MakeError(reason, "failed", details));
  }
  void AnswerSome(bool cut_off) {
    const std::vector<FakeBackend::Call*> open = Open();
    if (open.empty()) return;
    FakeBackend::Call& call = Pick(open);
    if (cut_off && OneIn(5)) {
      call.Say("half an answer");
      call.End(MakeError(Reason::kStreamTruncated, "truncated"));
    } else if (OneIn(4)) {
      Fail(call);
    } else {
      Answer(call);
    }
  }
  void Advance(absl::Duration duration) {
    rig_.loop.Advance(duration);
    ASSERT_LE(rig_.limiter.in_flight(), rig_.limits.service.max_concurrent);
    ASSERT_LE(rig_.gauges.queue, rig_.admission.max_queue);
  }

  // Answers whatever still comes, until nobody waits any more.
  void Drain() {
    const auto waits = [](const Client& client) {
      return client.listener.call != nullptr;
    };
    for (int i = 0; i < 1000; ++i) {
      if (std::none_of(clients_.begin(), clients_.end(), waits)) break;
      for (FakeBackend::Call* call : Open()) {
        if (!call->dropped) Answer(*call);
      }
      Advance(absl::Milliseconds(500));
    }
    rig_.loop.Advance(absl::Minutes(2));
  }

  void ExpectAllGaugesZero() {
    EXPECT_EQ(upstream_->open(), 0u);
    EXPECT_EQ(rig_.limiter.in_flight(), 0);
    EXPECT_EQ(rig_.gauges.queue, 0);
    EXPECT_EQ(rig_.loop.pending(), 0u);
  }
  void ExpectEachCallEndedOnce() {
    for (const Client& client : clients_) {
      ASSERT_EQ(client.listener.ends, client.cancelled ? 0 : 1);
      if (!client.listener.ok()) continue;
      ASSERT_EQ(client.listener.answer.result(), client.expected);
    }
    EXPECT_EQ(rig_.calls.entries.size(), clients_.size());
  }
  void ExpectTheRateWasKept() {
    const std::vector<absl::Time>& starts = clocked_->starts;
    const size_t limit =
        static_cast<size_t>(rig_.limits.service.requests_per_minute);
    EXPECT_GT(starts.size(), limit);
    for (size_t i = limit; i < starts.size(); ++i) {
      ASSERT_GE(starts[i] - starts[i - limit], absl::Minutes(1)) << i;
    }
  }

  std::mt19937_64 random_;
  ChainRig rig_;
  FakeBackend* upstream_;
  std::unique_ptr<ChatBackend> chain_;
  Clocked* clocked_;
  std::deque<Client> clients_;
  int timed_out_ = 0;
};

TEST_P(ChainStorm, Promise07EveryCallEndsOnceAndEveryGaugeIsZero) {
  for (int step = 0; step < 5000; ++step) {
    const int what = Draw(0, 9);
    if (what < 5) {
      StartHastyCall();
    } else if (what < 8) {
      AnswerSome(/*cut_off=*/true);
    } else if (what < 9) {
      CancelCall();
    } else {
      Advance(absl::Milliseconds(Draw(0, 400)));
    }
  }
  Drain();
  ExpectAllGaugesZero();
  ExpectEachCallEndedOnce();
  ExpectTheRateWasKept();
  EXPECT_GT(clients_.size(), 2000u);
}

TEST_P(ChainStorm, Promise12TheSumOfTheChargesIsTheSumOfTheResponses) {
  for (int step = 0; step < 3000; ++step) {
    const int what = Draw(0, 9);
    if (what < 5) {
      StartCall(RandomSpec());
    } else if (what < 9) {
      AnswerSome(/*cut_off=*/false);
    } else {
      Advance(absl::Milliseconds(Draw(0, 400)));
    }
  }
  Drain();
  ExpectAllGaugesZero();
  ExpectEachCallEndedOnce();
  ExpectTheRateWasKept();
  // What timed out is charged, and no response tells of it.
  Money charged, paid;
  int unreported = 0;
  for (const ChargeLog::Entry& entry : rig_.charges.entries) {
    if (entry.charge.estimated) {
      ++unreported;
    } else {
      charged += entry.charge.total;
    }
  }
  EXPECT_EQ(unreported, timed_out_);
  for (const Client& client : clients_) {
    if (!client.listener.ok()) continue;
    paid += Money::Parse((*client.listener.result)->cost().total()).value();
  }
  EXPECT_EQ(charged, paid);
  EXPECT_FALSE(charged == Money());
}

INSTANTIATE_TEST_SUITE_P(Seeds, ChainStorm, ::testing::Range(0, 3));

}  // namespace
}  // namespace holysheep
