#include "upstream/usage_bounds.h"

#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"
#include "policy/catalog.h"

namespace holysheep {
namespace {

// Of a model that answers with 1,000 tokens at most.
struct Asked {
  Asked() { target.model.max_output_tokens = 1000; }

  UsageBounds Bounds(size_t body_bytes = 10) const {
    ChatRequest request;
    request.message = std::make_shared<pb::InvokeRequest>(message);
    request.target = std::make_shared<Target>(target);
    return UsageBoundsFor(request, body_bytes);
  }

  pb::InvokeRequest message;
  Target target;
};

TEST(UsageBoundsTest, ThePromptHasItsBytesAndAMillionMore) {
  EXPECT_EQ(Asked().Bounds(500).prompt, 1'000'500);
}

TEST(UsageBoundsTest, TheAnswerHasMaxTokens) {
  Asked asked;
  asked.message.set_max_tokens(70);
  EXPECT_EQ(asked.Bounds().completion, 70);
}

TEST(UsageBoundsTest, WithoutMaxTokensTheModelsLimitHolds) {
  Asked asked;
  EXPECT_EQ(asked.Bounds().completion, 1000);
  asked.target.model.max_output_tokens = 0;
  EXPECT_EQ(asked.Bounds().completion, kMostTokens);
}

TEST(UsageBoundsTest, AMaxTokensThatIsNotSentBoundsNothing) {
  Asked asked;
  asked.message.set_max_tokens(70);
  asked.target.model.wire.max_tokens = ModelWire::MaxTokens::kOmit;
  EXPECT_EQ(asked.Bounds().completion, 1000);
}

TEST(UsageBoundsTest, ThinkingHasItsBudgetBesides) {
  Asked asked;
  asked.message.set_max_tokens(70);
  asked.message.mutable_reasoning()->set_budget_tokens(30);
  EXPECT_EQ(asked.Bounds().completion, 100);
  asked.message.mutable_reasoning()->set_enabled(false);
  EXPECT_EQ(asked.Bounds().completion, 70);
}

TEST(UsageBoundsTest, ThinkingWithoutABudgetHasTheModelsLimit) {
  Asked asked;
  asked.message.set_max_tokens(70);
  asked.message.mutable_reasoning()->set_effort("high");
  EXPECT_EQ(asked.Bounds().completion, 1000);
  asked.message.mutable_reasoning()->set_effort("none");
  EXPECT_EQ(asked.Bounds().completion, 70);
}

}  // namespace
}  // namespace holysheep
