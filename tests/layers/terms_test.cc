#include "layers/cache/terms.h"

#include "base/errors.h"
#include "gtest/gtest.h"
#include "support/requests.h"

namespace holysheep {
namespace {

// What one of two calls has that the other has not.
struct Terms {
  int max_attempts = 2;
  int64_t queue_ms = 0;  // 0 is unset.
  std::string fallback = "";
  std::string caller = "";
  Priority priority = Priority::kInteractive;
};

ChatRequest RequestOn(const Terms& terms) {
  RequestSpec spec;
  spec.message.set_max_attempts(terms.max_attempts);
  pb::Timeouts& timeouts = *spec.message.mutable_timeouts();
  if (terms.queue_ms > 0) timeouts.set_queue_ms(terms.queue_ms);
  if (!terms.fallback.empty()) {
    spec.message.add_fallback_models(terms.fallback);
  }
  spec.caller = terms.caller;
  spec.priority = terms.priority;
  return MakeRequest(spec);
}

TEST(TermsTest, MoreOfWhatWasMissingMightHelp) {
  struct Case {
    Reason error;
    Terms tried;
    Terms other;
    bool better;
  };
  const Case cases[] = {
      {Reason::kUpstream5xx, {}, {}, false},
      {Reason::kUpstream5xx, {}, {.max_attempts = 3}, true},
      {Reason::kUpstream5xx, {}, {.max_attempts = 1}, false},
      {Reason::kUpstream5xx, {}, {.fallback = "b"}, true},
      {Reason::kUpstream5xx, {.fallback = "b"}, {.fallback = "b"}, false},
      {Reason::kUpstream5xx, {.fallback = "b"}, {.fallback = "c"}, true},
      {Reason::kUpstream5xx, {.fallback = "b"}, {}, false},
      {Reason::kUpstream5xx, {}, {.queue_ms = 9, .caller = "x"}, false},
      {Reason::kRateLimitedUpstream, {}, {.max_attempts = 3}, true},
      {Reason::kUpstreamConnect, {}, {.fallback = "b"}, true},
      {Reason::kConnectTimeout, {}, {.max_attempts = 3}, true},
      {Reason::kFirstTokenTimeout, {}, {.max_attempts = 3}, true},
      {Reason::kFirstTokenTimeout, {}, {.fallback = "b"}, true},
      {Reason::kStreamTruncated, {}, {.max_attempts = 3}, true},
      {Reason::kStreamTruncated, {}, {.fallback = "b"}, true},
      {Reason::kUpstreamMalformed, {}, {.max_attempts = 3}, true},
      {Reason::kCircuitOpen, {}, {.fallback = "b"}, true},
      {Reason::kCircuitOpen, {}, {.max_attempts = 3}, false},
      {Reason::kUpstreamQuota, {}, {.fallback = "b"}, true},
      {Reason::kUpstreamQuota, {}, {.max_attempts = 3}, false},
      {Reason::kUpstreamAuth, {}, {.fallback = "b"}, true},
      {Reason::kContextLength, {}, {.fallback = "b"}, true},
      {Reason::kModelNotFound, {}, {.fallback = "b"}, true},
      {Reason::kRateLimitedLocal, {.queue_ms = 5}, {}, true},
      {Reason::kRateLimitedLocal, {.queue_ms = 5}, {.queue_ms = 5}, false},
      {Reason::kRateLimitedLocal, {}, {.fallback = "b"}, false},
      {Reason::kRateLimitedLocal, {}, {.caller = "x"}, true},
      {Reason::kBudgetExceeded, {}, {.caller = "x"}, true},
      {Reason::kQueueFull, {.priority = Priority::kBatch}, {}, true},
      {Reason::kInvalidArgument, {}, {.max_attempts = 3}, false},
      {Reason::kTotalTimeout, {}, {.max_attempts = 3}, false},
      {Reason::kDraining, {}, {.caller = "x"}, false},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(CouldSucceedAlone(MakeError(c.error, "failed"),
                                RequestOn(c.tried), RequestOn(c.other)),
              c.better)
        << ReasonName(c.error) << " " << &c - cases;
  }
}

}  // namespace
}  // namespace holysheep
