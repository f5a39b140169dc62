// What an attempt that gave no answer leaves of its reservations.
#include "layers/admission_layer_fixture.h"
#include "layers/partial_use.h"

namespace holysheep {
namespace {

// Of the prompt, estimated: 3 + 4 and a token of text.
constexpr int64_t kPrompt = 8;

class SettlingTest : public AdmissionFixture {
 protected:
  // Room for one reservation and, beside it, for `beside` tokens.
  void LetThrough(int64_t beside) {
    limits_.service.tokens_per_minute = kPrompt + 2048 + beside;
    options_.max_queue_wait = absl::ZeroDuration();
  }
  static Money PriceOf(int64_t tokens) {
    TokenCounts counts;
    counts.prompt = tokens;
    return PriceFor(MakeRequest(), counts).total;
  }
  FakeBackend::Call& Latest() { return upstream_->calls.back(); }

  // The first call has left exactly so many tokens of its reservation.
  void ExpectUsed(int64_t tokens) {
    LetThrough(tokens - 1);
    EXPECT_EQ(ReasonOfEnd(Probe()), Reason::kRateLimitedLocal);
    LetThrough(tokens);
    EXPECT_EQ(Probe().ends, 0);
  }
  // As large as the first one, so that it fits beside what is left.
  Listener& Probe() {
    Listener& probe = Ask("b");
    loop_.Advance();
    return probe;
  }
};

TEST_F(SettlingTest, ACallThatIsCancelledBeforeAWordLeavesItsPrompt) {
  LetThrough(0);
  Ask("a").call.reset();
  ExpectUsed(kPrompt);
}

TEST_F(SettlingTest, ACallThatIsCancelledLaterLeavesWhatWasSaidToo) {
  LetThrough(0);
  Listener& listener = Ask("a");
  Latest().Say("12345");
  listener.call.reset();
  ExpectUsed(kPrompt + 2);
}

TEST_F(SettlingTest, ACallThatIsCancelledLetsTheNextOneGoAtOnce) {
  LetThrough(kPrompt);
  options_.max_queue_wait = absl::Minutes(2);
  Listener& first = Ask("a");
  Listener& second = Ask("b");
  loop_.Advance();
  EXPECT_EQ(upstream_->calls.size(), 1u);
  first.call.reset();
  loop_.Advance();
  EXPECT_EQ(upstream_->calls.size(), 2u);
  EXPECT_EQ(second.ends, 0);
}

TEST_F(SettlingTest, WhatTheUpstreamMayHaveBegunLeavesItsPrompt) {
  for (const Reason reason :
       {Reason::kFirstTokenTimeout, Reason::kIdleTimeout,
        Reason::kStreamTruncated, Reason::kUpstreamMalformed}) {
    SCOPED_TRACE(ReasonName(reason));
    LetThrough(0);
    Ask("a");
    Latest().End(MakeError(reason, "no"));
    ExpectUsed(kPrompt);
    loop_.Advance(absl::Minutes(1));
  }
}

TEST_F(SettlingTest, WhatNeverReachedTheUpstreamOrWasRefusedLeavesNothing) {
  for (const Reason reason :
       {Reason::kUpstreamConnect, Reason::kConnectTimeout, Reason::kUpstream5xx,
        Reason::kRateLimitedUpstream, Reason::kUpstreamAuth,
        Reason::kInvalidArgument}) {
    SCOPED_TRACE(ReasonName(reason));
    LetThrough(0);
    Ask("a");
    Latest().End(MakeError(reason, "no"));
    EXPECT_EQ(Probe().ends, 0);
    loop_.Advance(absl::Minutes(1));
  }
}

TEST_F(SettlingTest, AnAnswerThatBreaksOffLeavesItsPromptAndWhatWasSaid) {
  LetThrough(0);
  Ask("a");
  Latest().Say("12345");
  Latest().End(MakeError(Reason::kUpstreamConnect, "gone"));
  ExpectUsed(kPrompt + 2);
}

// A budget has room for two reservations less a prompt.
TEST_F(SettlingTest, ABudgetKeepsOfACancelledCallWhatItCanHaveCost) {
  const Money whole = PriceOf(kPrompt + 2048);
  const Money prompt = PriceOf(kPrompt);
  limits_.budgets = {{"*", "*", whole + prompt, Period::kDay}};
  Ask("a").call.reset();
  EXPECT_EQ(Ask("b").ends, 0);
  EXPECT_EQ(upstream_->calls.size(), 2u);
  upstream_->calls[1].End(MakeError(Reason::kUpstreamConnect, "gone"));
  limits_.budgets[0].usd = whole + prompt - Money::FromPicos(1);
  Listener& refused = Ask("c");
  loop_.Advance();
  EXPECT_EQ(ReasonOfEnd(refused), Reason::kBudgetExceeded);
}

TEST_F(SettlingTest, AReloadInBetweenTakesNothingAway) {
  LetThrough(0);
  limits_.budgets = {{"*", "*", PriceOf(4096), Period::kDay}};
  Listener& first = Ask("a");
  limits_.service.tokens_per_minute = 0;
  limits_.budgets[0].usd = PriceOf(kPrompt + 2048 + kPrompt);
  first.call.reset();
  ExpectUsed(kPrompt);
}

}  // namespace
}  // namespace holysheep
