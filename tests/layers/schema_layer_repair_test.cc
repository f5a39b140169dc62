// A repair that the service's own limits delay.
#include "base/errors.h"
#include "gmock/gmock.h"
#include "layers/schema_layer_fixture.h"

namespace holysheep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(ConformTest, ARepairThatALimitOfOursDelaysGoesOnFromTheFirstAnswer) {
  unfinished_ = std::make_shared<Unfinished>();
  Start();
  pb::InvokeEvent reasoning;
  reasoning.set_reasoning("hm");
  fake_->calls[0].observer->OnDelta(reasoning);
  Answer("{}");
  for (const Reason reason : {Reason::kQueueFull, Reason::kRateLimitedLocal}) {
    fake_->calls.back().End(MakeError(reason, "no room"));
    EXPECT_EQ(ReasonOf(listener_.status()), reason);
    EXPECT_THAT(std::string(listener_.status().message()),
                HasSubstr("cost 0.5 USD"));
    listener_ = Listener();
    Start();
    EXPECT_EQ(fake_->calls.back().request.message->messages(2).parts(0).text(),
              "{}");
  }
  Answer(R"({"a":2})");
  ASSERT_TRUE(listener_.ok());
  EXPECT_EQ(fake_->calls.size(), 4u);
  EXPECT_EQ(listener_.answer.reasoning(), "hm");
  EXPECT_EQ(listener_.answer.result(), R"({"a":2})");
  const pb::InvokeResponse& response = **listener_.result;
  EXPECT_EQ(response.usage().total_tokens(), 30);
  EXPECT_EQ(response.cost().total(), "1");
  EXPECT_EQ(response.attempts(), 2);
  EXPECT_THAT(response.warnings(), ElementsAre(HasSubstr("a second time")));
}

TEST_F(ConformTest, ARepairWaitsForALimitOfOursUntilTheDeadline) {
  deadline_ =
      std::make_shared<Deadline>(Deadline{loop_.Now() + absl::Seconds(60)});
  ErrorDetails details;
  details.retry_after = absl::Seconds(40);
  Start();
  Answer("{}");
  fake_->calls[1].End(MakeError(Reason::kRateLimitedLocal, "no", details));
  EXPECT_EQ(fake_->open(), 0u) << "holds nothing while it waits";
  loop_.Advance(absl::Seconds(39));
  EXPECT_EQ(fake_->calls.size(), 2u);
  loop_.Advance(absl::Seconds(1));
  ASSERT_EQ(fake_->calls.size(), 3u);
  EXPECT_EQ(fake_->calls[2].request.message->messages(2).parts(0).text(), "{}");
  fake_->calls[2].End(MakeError(Reason::kQueueFull, "full"));
  loop_.Advance(absl::Seconds(1));
  ASSERT_EQ(fake_->calls.size(), 4u);
  fake_->calls[3].End(MakeError(Reason::kRateLimitedLocal, "no", details));
  ASSERT_EQ(listener_.ends, 1) << "the limit has no room before the deadline";
  EXPECT_EQ(ReasonOf(listener_.status()), Reason::kRateLimitedLocal);
  EXPECT_THAT(std::string(listener_.status().message()),
              HasSubstr("cost 0.5 USD"));
}

TEST_F(ConformTest, AnotherModelDoesNotRepairWhatItHasNotSaid) {
  unfinished_ = std::make_shared<Unfinished>();
  Start();
  Answer("{}");
  fake_->calls[1].End(MakeError(Reason::kQueueFull, "full"));
  listener_ = Listener();
  Start("claude-sonnet-4.5");
  EXPECT_EQ(fake_->calls[2].request.message->query(), "q");
}

TEST_F(ConformTest, ARepairThatFailsOtherwiseIsNotKept) {
  unfinished_ = std::make_shared<Unfinished>();
  Start();
  Answer("{}");
  fake_->calls[1].End(MakeError(Reason::kUpstream5xx, "down"));
  EXPECT_EQ(listener_.status().message(), "down");
  EXPECT_EQ(unfinished_->first, nullptr);
}

}  // namespace
}  // namespace holysheep
