#include "layers/billing_layer.h"

#include "base/errors.h"
#include "gtest/gtest.h"
#include "layers/sinks.h"
#include "support/fake_backend.h"
#include "support/fake_event_loop.h"
#include "support/listener.h"
#include "support/requests.h"

namespace holysheep {
namespace {

Money Dollars(absl::string_view text) { return Money::Parse(text).value(); }

Answer Using(int32_t prompt, int32_t completion, int32_t cached = 0,
             int32_t written = 0) {
  Answer ending = Ending();
  ending.cost.reset();
  pb::Usage& usage = *ending.response.mutable_usage();
  usage.set_prompt_tokens(prompt);
  usage.set_completion_tokens(completion);
  usage.set_total_tokens(prompt + completion);
  usage.set_cached_prompt_tokens(cached);
  usage.set_cache_write_tokens(written);
  return ending;
}

class BillingTest : public ::testing::Test {
 protected:
  BillingTest() {
    auto fake = std::make_unique<FakeBackend>();
    upstream_ = fake.get();
    bill_ = BillingLayer(charges_, std::move(fake));
  }

  void Start(Listener& listener, std::string model = "gpt-4.1") {
    RequestSpec spec;
    spec.model = std::move(model);
    spec.caller = "team";
    spec.message.mutable_caller()->set_app_id("bot");
    listener.call = bill_->Start(MakeRequest(spec), listener);
  }
  // The only charge there is.
  ChargeLog::Entry TheCharge() const {
    EXPECT_EQ(charges_.entries.size(), 1u);
    return charges_.entries.empty() ? ChargeLog::Entry()
                                    : charges_.entries.front();
  }

  FakeEventLoop loop_;
  ChargeLog charges_;
  FakeBackend* upstream_;
  std::unique_ptr<ChatBackend> bill_;
};

TEST_F(BillingTest, Promise12FillsTheCostExactly) {
  Listener listener;
  Start(listener);
  upstream_->calls[0].End(Using(1001, 7));
  ASSERT_TRUE(listener.ok());
  const pb::Cost& cost = (*listener.result)->cost();
  EXPECT_EQ(cost.prompt(), "0.008008");
  EXPECT_EQ(cost.completion(), "0.000056");
  EXPECT_EQ(cost.total(), "0.008064");
  EXPECT_EQ(cost.official(), "0.06048");
  EXPECT_EQ(cost.saved(), "0.052416");
  EXPECT_EQ(cost.prompt_unit_price(), "8");
  EXPECT_EQ(cost.completion_unit_price(), "8");
  EXPECT_EQ(cost.currency(), "USD");
}

TEST_F(BillingTest, Promise12TheLedgerHearsWhatTheResponseSays) {
  Listener listener;
  Start(listener);
  loop_.Advance(absl::Seconds(2));
  upstream_->calls[0].End(Using(1001, 7, 1, 2));
  const ChargeLog::Entry entry = TheCharge();
  EXPECT_EQ(entry.when, absl::Time());  // Its call's arrival.
  EXPECT_EQ(entry.model, "gpt-4.1");
  EXPECT_EQ(entry.caller, "team");
  EXPECT_EQ(entry.app, "bot");
  EXPECT_EQ(entry.charge.prompt_tokens, 1001);
  EXPECT_EQ(entry.charge.completion_tokens, 7);
  EXPECT_EQ(entry.charge.cached_prompt_tokens, 1);
  EXPECT_EQ(entry.charge.cache_write_tokens, 2);
  EXPECT_FALSE(entry.charge.estimated);
  ASSERT_TRUE(listener.ok());
  const pb::Cost& cost = (*listener.result)->cost();
  EXPECT_EQ(entry.charge.total.ToString(), cost.total());
  EXPECT_EQ(entry.charge.official.ToString(), cost.official());
}

TEST_F(BillingTest, Promise12CachedTokensArePartOfThePromptTokens) {
  ModelInfo model;
  model.id = "m";
  model.prompt_price = Dollars("2");
  model.cached_prompt_price = Dollars("0.5");
  model.completion_price = Dollars("8");
  RequestSpec spec;
  spec.model = "m";
  ChatRequest request = MakeRequest(spec);
  UseCatalog(request, std::make_shared<const Catalog>(
                          std::vector<ModelInfo>{model}, "m"));
  Listener listener;
  listener.call = bill_->Start(request, listener);
  upstream_->calls[0].End(Using(1000, 0, 400));
  ASSERT_TRUE(listener.ok());
  EXPECT_EQ((*listener.result)->cost().total(), "0.0014");
}

TEST_F(BillingTest, Promise12AnExplicitZeroStaysZero) {
  Listener listener;
  Start(listener);
  upstream_->calls[0].Say("hello");
  upstream_->calls[0].End(Using(0, 0));
  ASSERT_TRUE(listener.ok());
  EXPECT_EQ((*listener.result)->cost().total(), "0");
  EXPECT_EQ(TheCharge().charge.total, Money());
  EXPECT_EQ(TheCharge().charge.completion_tokens, 0);
}

TEST_F(BillingTest, Promise12EstimatedUsageIsMarkedInTheLedgerToo) {
  Listener listener;
  Start(listener);
  Answer ending = Using(10, 20);
  ending.response.mutable_usage()->set_estimated(true);
  upstream_->calls[0].End(ending);
  EXPECT_TRUE(TheCharge().charge.estimated);
}

TEST_F(BillingTest, AnUnknownModelHasTheFallbackPrice) {
  Listener listener;
  Start(listener, "new-model");
  upstream_->calls[0].End(Using(1'000'000, 500'000));
  ASSERT_TRUE(listener.ok());
  EXPECT_EQ((*listener.result)->cost().total(), "1.5");
}

TEST_F(BillingTest, Promise10AnAbandonedAnswerIsChargedForWhatItHadSaid) {
  Listener listener;
  Start(listener);
  upstream_->calls[0].Say("12345678");
  upstream_->calls[0].Say("1234");
  listener.call.reset();
  const ChargeLog::Entry entry = TheCharge();
  EXPECT_TRUE(entry.charge.estimated);
  EXPECT_EQ(entry.charge.completion_tokens, 3);
  EXPECT_EQ(entry.charge.prompt_tokens, 8);  // 3 + 4 and a token of text.
  EXPECT_EQ(entry.charge.total, Dollars("0.000088"));
}

TEST_F(BillingTest, AnAnswerThatBreaksOffIsChargedOnceForWhatItHadSaid) {
  Listener listener;
  Start(listener);
  upstream_->calls[0].Say("1234");
  upstream_->calls[0].End(MakeError(Reason::kStreamTruncated, "truncated"));
  EXPECT_EQ(listener.ends, 1);
  EXPECT_EQ(TheCharge().charge.completion_tokens, 1);
}

TEST_F(BillingTest, WhatWasRefusedOrNotReachedCostsNothing) {
  for (const Reason reason :
       {Reason::kUpstream5xx, Reason::kUpstreamConnect, Reason::kConnectTimeout,
        Reason::kRateLimitedUpstream}) {
    Listener failed;
    Start(failed);
    upstream_->calls.back().End(MakeError(reason, "down"));
  }
  EXPECT_TRUE(charges_.entries.empty());
}

TEST_F(BillingTest, Promise10WhatMayHaveBegunIsChargedForItsPrompt) {
  Listener abandoned, late;
  Start(abandoned);
  abandoned.call.reset();
  Start(late);
  upstream_->calls[1].End(MakeError(Reason::kFirstTokenTimeout, "late"));
  ASSERT_EQ(charges_.entries.size(), 2u);
  for (const ChargeLog::Entry& entry : charges_.entries) {
    EXPECT_TRUE(entry.charge.estimated);
    EXPECT_EQ(entry.charge.prompt_tokens, 8);
    EXPECT_EQ(entry.charge.completion_tokens, 0);
    EXPECT_EQ(entry.charge.total, Dollars("0.000064"));
  }
}

TEST_F(BillingTest, ReasoningRefusalsAndToolCallsAreUseToo) {
  Listener listener;
  Start(listener);
  ChatObserver& observer = *upstream_->calls[0].observer;
  pb::InvokeEvent event;
  event.set_reasoning("1234");
  observer.OnDelta(event);
  event.set_refusal("1234");
  observer.OnDelta(event);
  event.mutable_tool_call()->set_name("1234");
  event.mutable_tool_call()->set_arguments_fragment("1234");
  observer.OnDelta(event);
  listener.call.reset();
  EXPECT_EQ(TheCharge().charge.completion_tokens, 4);
}

}  // namespace
}  // namespace holysheep
