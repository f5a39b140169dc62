#include "layers/admission_layer.h"

#include "gmock/gmock.h"
#include "layers/admission_layer_fixture.h"
#include "layers/quota.h"

namespace holysheep {
namespace {

using ::testing::ElementsAre;
using AdmissionTest = AdmissionFixture;

TEST_F(AdmissionTest, StartsAtOnceWhereThereIsRoom) {
  limits_.service.max_concurrent = 1;
  Listener& listener = Ask("a");
  EXPECT_THAT(Started(), ElementsAre("a"));
  EXPECT_EQ(limiter_.in_flight(), 1);
  upstream_->calls[0].Say("hello");
  EndLatest();
  ASSERT_TRUE(listener.ok());
  EXPECT_EQ(listener.answer.result(), "hello");
  EXPECT_EQ((*listener.result)->queue_ms(), 0);
  EXPECT_EQ(gauges_.attempts, 1);
}

TEST_F(AdmissionTest, SaysHowLongACallHasWaited) {
  limits_.service.max_concurrent = 1;
  Ask("a");
  Listener& waiting = Ask("b");
  EXPECT_EQ(gauges_.queue, 1);
  loop_.Advance(absl::Milliseconds(1500));
  EndLatest();
  EXPECT_EQ(gauges_.queue, 0);
  loop_.Advance(absl::Seconds(1));
  EndLatest();
  ASSERT_TRUE(waiting.ok());
  EXPECT_EQ((*waiting.result)->queue_ms(), 1500);
}

TEST_F(AdmissionTest, AWaitingCallGoesTheMomentItsWindowOpens) {
  limits_.service.requests_per_minute = 1;
  options_.max_queue_wait = absl::Minutes(2);
  Ask("a");
  Ask("b");
  loop_.Advance(absl::Minutes(1) - absl::Nanoseconds(1));
  EXPECT_THAT(Started(), ElementsAre("a"));
  loop_.Advance(absl::Nanoseconds(1));
  EXPECT_THAT(Started(), ElementsAre("a", "b"));
}

TEST_F(AdmissionTest, Promise06RefusesAtOnceWhatCannotMakeItsDeadline) {
  limits_.service.requests_per_minute = 1;
  Ask("a");
  loop_.Advance(absl::Seconds(20));
  RequestSpec spec;
  spec.deadline = loop_.Now() + absl::Seconds(30);
  Listener& late = Ask(MakeRequest(spec));
  EXPECT_EQ(late.ends, 0) << "told before Start returned";
  loop_.Advance();
  EXPECT_EQ(ReasonOfEnd(late), Reason::kRateLimitedLocal);
  const ErrorDetails details = DetailsOf(late.status());
  EXPECT_EQ(details.limit, "requests_per_minute");
  EXPECT_EQ(details.subject, "service");
  EXPECT_EQ(details.retry_after, absl::Seconds(40));
  EXPECT_EQ(gauges_.queue, 0);
}

TEST_F(AdmissionTest, WaitsWhereItCanStillMakeItsDeadline) {
  limits_.service.requests_per_minute = 1;
  Ask("a");
  loop_.Advance(absl::Seconds(20));
  RequestSpec spec;
  spec.deadline = loop_.Now() + absl::Seconds(41);
  Ask(MakeRequest(spec));
  loop_.Advance(absl::Seconds(40));
  EXPECT_EQ(upstream_->calls.size(), 2u);
}

TEST_F(AdmissionTest, ThoseAheadCountAgainstTheDeadline) {
  limits_.service.requests_per_minute = 1;
  options_.max_queue_wait = absl::Seconds(119);
  Ask("a");
  Ask("b");  // Goes after 60 s.
  Listener& third = Ask("c");
  loop_.Advance();
  EXPECT_EQ(ReasonOfEnd(third), Reason::kRateLimitedLocal);
  EXPECT_EQ(DetailsOf(third.status()).retry_after, absl::Seconds(120));
}

TEST_F(AdmissionTest, AFullQueueRefuses) {
  limits_.service.max_concurrent = 1;
  options_.max_queue = 2;
  for (const char* query : {"a", "b", "c"}) Ask(query);
  Listener& fourth = Ask("d");
  loop_.Advance();
  EXPECT_EQ(ReasonOfEnd(fourth), Reason::kQueueFull);
  EXPECT_EQ(DetailsOf(fourth.status()).limit, "max_queue");
  EXPECT_EQ(DetailsOf(fourth.status()).subject, "service");
  EndLatest();
  Ask("e");
  EXPECT_EQ(gauges_.queue, 2);
}

TEST_F(AdmissionTest, AQueueBoundOfZeroIsNone) {
  limits_.service.max_concurrent = 1;
  options_.max_queue = 0;
  for (int i = 0; i < 2001; ++i) Ask("a");
  loop_.Advance();
  EXPECT_EQ(gauges_.queue, 2000);
}

TEST_F(AdmissionTest, AWaitThatEndsSaysWhichLimitItWas) {
  limits_.service.max_concurrent = 1;
  options_.max_queue_wait = absl::Seconds(5);
  Ask("a");
  Listener& waiting = Ask("b");
  loop_.Advance(absl::Seconds(5) - absl::Milliseconds(1));
  EXPECT_EQ(waiting.ends, 0);
  loop_.Advance(absl::Milliseconds(1));
  EXPECT_EQ(ReasonOfEnd(waiting), Reason::kRateLimitedLocal);
  EXPECT_EQ(DetailsOf(waiting.status()).limit, "max_concurrent");
  EXPECT_EQ(DetailsOf(waiting.status()).subject, "service");
  EXPECT_EQ(gauges_.queue, 0);
}

TEST_F(AdmissionTest, ARequestMayWaitLessThanConfiguredButNotMore) {
  limits_.service.max_concurrent = 1;
  options_.max_queue_wait = absl::Seconds(5);
  Ask("a");
  RequestSpec spec;
  spec.message.mutable_timeouts()->set_queue_ms(1000);
  Listener& hasty = Ask(MakeRequest(spec));
  spec.message.mutable_timeouts()->set_queue_ms(60'000);
  Listener& patient = Ask(MakeRequest(spec));
  loop_.Advance(absl::Seconds(1));
  EXPECT_EQ(hasty.ends, 1);
  EXPECT_EQ(patient.ends, 0);
  loop_.Advance(absl::Seconds(4));
  EXPECT_EQ(patient.ends, 1);
}

TEST_F(AdmissionTest, AQueueWaitOfZeroRefusesAtOnce) {
  options_.max_queue_wait = absl::ZeroDuration();
  for (const bool by_rate : {true, false}) {
    limits_.service.requests_per_minute = by_rate ? 1 : 0;
    limits_.service.max_concurrent = by_rate ? 0 : 1;
    Ask("a");
    Listener& refused = Ask("b");
    loop_.Advance();
    EXPECT_EQ(ReasonOfEnd(refused), Reason::kRateLimitedLocal);
    listeners_.clear();
  }
  EXPECT_EQ(upstream_->calls.size(), 2u);
}

TEST_F(AdmissionTest, ABudgetRefusesWithTheBeginningOfTheNextPeriod) {
  limits_.budgets = {{"team", "*", Money(), Period::kDay}};
  Listener& refused = Ask("a", "team");
  loop_.Advance();
  EXPECT_EQ(ReasonOfEnd(refused), Reason::kBudgetExceeded);
  const ErrorDetails details = DetailsOf(refused.status());
  EXPECT_EQ(details.limit, "budgets");
  EXPECT_EQ(details.subject, "caller:team");
  // The loop's time is 08:00:00 UTC.
  EXPECT_EQ(details.retry_after, absl::Hours(16));
  Ask("b", "other");
  EXPECT_THAT(Started(), ElementsAre("b"));
}

// All that a budget has is reserved for one call.
class ReservedBudgetTest : public AdmissionFixture {
 protected:
  ReservedBudgetTest() {
    limits_.budgets = {
        {"*", "*", QuotaRequestFor(request_).cost, Period::kDay}};
    Ask(request_);
  }
  void EndFirst(const char* cost) {
    loop_.Advance();
    EXPECT_EQ(upstream_->calls.size(), 1u);
    for (const Listener& listener : listeners_) EXPECT_EQ(listener.ends, 0);
    Answer ending = Ending();
    ending.cost->total = Money::Parse(cost).value();
    upstream_->calls[0].End(ending);
    loop_.Advance();
  }

  const ChatRequest request_ = MakeRequest();
};

TEST_F(ReservedBudgetTest, WhoeverComesLaterWaitsForItsEnd) {
  Listener& waiting = Ask(request_);
  EndFirst("0");
  EXPECT_EQ(waiting.ends, 0);
  EXPECT_EQ(upstream_->calls.size(), 2u);
  Listener& late = Ask(request_);
  loop_.Advance(options_.max_queue_wait);
  EXPECT_EQ(ReasonOfEnd(late), Reason::kBudgetExceeded);
  EXPECT_FALSE(DetailsOf(late.status()).retry_after.has_value());
}

TEST_F(ReservedBudgetTest, WhoeverWaitedIsRefusedOnceTheMoneyIsSpent) {
  Listener& one = Ask(request_);
  Listener& two = Ask(request_);
  EndFirst("0.000000000001");
  for (const Listener* refused : {&one, &two}) {
    EXPECT_EQ(ReasonOfEnd(*refused), Reason::kBudgetExceeded);
    EXPECT_TRUE(DetailsOf(refused->status()).retry_after.has_value());
  }
  EXPECT_EQ(gauges_.queue, 0);
}

TEST_F(AdmissionTest, ReservesThePromptAndAllItMayAnswer) {
  limits_.service.tokens_per_minute = 2100;
  options_.max_queue_wait = absl::Minutes(2);
  RequestSpec spec;
  spec.message.set_max_tokens(2000);
  Ask(MakeRequest(spec));
  Listener& second = Ask(MakeRequest(spec));
  loop_.Advance();
  EXPECT_EQ(upstream_->calls.size(), 1u);
  upstream_->calls[0].End(Ending());  // 30 tokens.
  loop_.Advance();
  EXPECT_EQ(upstream_->calls.size(), 2u);
  EXPECT_EQ(second.ends, 0);
}

TEST_F(AdmissionTest, ReservesThePromptAtItsDearestPrice) {
  RequestSpec spec;
  spec.message.set_max_tokens(1);
  ChatRequest request = MakeRequest(spec);
  Target target = *request.target;
  const Money plain = QuotaRequestFor(request).cost;
  target.model.cache_write_price =
      target.model.prompt_price + Money::FromPicos(1'000'000'000'000);
  request.target = std::make_shared<const Target>(target);
  EXPECT_LT(plain, QuotaRequestFor(request).cost);
}

TEST_F(AdmissionTest, NewLimitsHoldForThoseWhoWaitToo) {
  limits_.service.max_concurrent = 1;
  for (const char* query : {"a", "b", "c"}) Ask(query);
  limits_.service.max_concurrent = 2;
  EndLatest();
  EXPECT_THAT(Started(), ElementsAre("a", "b", "c"));
}

TEST_F(AdmissionTest, ACallWaitsAsLongAsItsMostPatientReader) {
  limits_.service.max_concurrent = 1;
  Ask("a");
  RequestSpec spec;
  spec.deadline = loop_.Now() + absl::Seconds(1);
  const ChatRequest shared = MakeRequest(spec);
  Listener& waiting = Ask(shared);
  shared.deadline->at += absl::Seconds(2);  // Someone joins who has more time.
  loop_.Advance(absl::Seconds(1));
  EXPECT_EQ(waiting.ends, 0);
  loop_.Advance(absl::Seconds(2));
  EXPECT_EQ(waiting.ends, 1);
}

}  // namespace
}  // namespace holysheep
